-- KEYS: the queue's figures, the queue, the addresses it ever held, what was seen since the last turn, and before it. ARGV: skew, most (-1: no limit), a letter for each address,
-- "m" for one that matches, then key and sealed item of each in one text. Gives how many were new, how many of them match, how
-- many were too many.
local figures = redis.call('HMGET', KEYS[1], 'dropped', 'waiting')
if figures[1] then return {0, 0, 0} end
local most, letters, matches = tonumber(ARGV[2]), ARGV[3], string.byte('m')
local keys, push, listed, dropped = {}, {}, 0, 0
for i = 4, #ARGV do keys[i - 3] = string.sub(ARGV[i], 1, 8) end
if #keys == 0 then return {0, 0, 0} end
map_begin(KEYS[3], #keys, 0)
local new = {}
if most < 0 then
  new = map_add(KEYS[3], keys)
else
  local known, added = map_known(KEYS[3], keys), 0
  for _, key in ipairs(keys) do
    if not known[key] and not new[key] then
      if added < most then
        new[key] = true
        added = added + 1
      else
        dropped = dropped + 1
      end
    end
  end
  local list = {}
  for key in pairs(new) do list[#list + 1] = key end
  map_add(KEYS[3], list)
end
for i, key in ipairs(keys) do
  if new[key] then
    new[key] = nil -- once
    push[#push + 1] = ARGV[i + 3]
    if string.byte(letters, i) == matches then listed = listed + 1 end
  end
end
if #push > 0 then
  -- Where nothing was seen before the sweep, nothing is looked for either: what it sees itself it does not hand out again, but
  -- for what it puts back.
  if not figures[2] and map_size(KEYS[4]) == 0 and map_size(KEYS[5]) == 0 then redis.call('HSET', KEYS[1], 'fresh', 1) end
  redis.call('RPUSH', KEYS[2], unpack(push))
  redis.call('HINCRBY', KEYS[1], 'waiting', #push)
  redis.call('HINCRBY', KEYS[1], 'c:listed', listed)
end
return {#push, listed, dropped}
