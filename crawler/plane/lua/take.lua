-- KEYS: the host's lease, and for a sweep: the queue's figures, the queue, what was put back, the moments of what was put
-- back, what was seen since the last turn, and before it. ARGV: skew, owner, an owner known to be dead, who asks, lease, poll,
-- asked for, token, most.
-- Gives 'lease', epoch, milliseconds until the next request, then id, attempts, key and item, seen of each; or 'held', 'asked' or
-- 'wait' with milliseconds; or 'empty'.
local owner, dead, who, lease, poll, asked = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local token, most = ARGV[8], tonumber(ARGV[9])
local sweep = #KEYS > 1
local h = redis.call('HMGET', KEYS[1], 'due', 'owner', 'until', 'asked', 'asker', 'epoch', 'token')
local due, holder, ends = int(h[1]), h[2] or '', int(h[3])
if sweep and int(redis.call('HGET', KEYS[2], 'waiting')) <= 0 then return {'empty'} end
local again = holder == owner and h[7] == token
if not again then
  if holder ~= '' and ends > now and holder ~= dead then
    if int(h[4]) < now then redis.call('HSET', KEYS[1], 'asked', now + asked, 'asker', who) end
    return {'held', math.min(ends - now, poll), holder}
  end
  if int(h[4]) > now and h[5] ~= who then return {'asked', math.min(int(h[4]) - now, poll)} end
  if due > now then return {'wait', due - now} end
end

local out = {'lease', 0, 0}
if sweep then
  local keys = {}
  local function hand(id, attempts, elem)
    keys[#keys + 1] = string.sub(elem, 1, 8)
    out[#out + 1], out[#out + 2], out[#out + 3], out[#out + 4] = id, attempts, elem, ''
  end
  local ids = redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now, 'LIMIT', 0, most)
  for _, id in ipairs(ids) do
    local v = redis.call('HGET', KEYS[4], id)
    local colon = string.find(v, ':', 1, true)
    hand(id, string.sub(v, 1, colon - 1), string.sub(v, colon + 1))
  end
  local look, q = #keys, redis.call('HMGET', KEYS[2], 'head', 'fresh')
  local head = int(q[1])
  if most > #ids then
    for i, elem in ipairs(redis.call('LRANGE', KEYS[3], 0, most - #ids - 1)) do
      if elem ~= '' then hand(head + i - 1, 0, elem) end
    end
  end
  if #keys == 0 then
    local first = redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')
    if #first == 0 then return {'wait', poll} end
    return {'wait', math.max(1, tonumber(first[2]) - now)}
  end
  if q[2] then
    for i = #keys, look + 1, -1 do keys[i] = nil end
  end
  for i, v in ipairs(seen_of(KEYS[6], KEYS[7], keys)) do out[3 + 4 * i] = v end
end
if again then
  out[2] = int(h[6])
else
  out[2] = later(h[6])
end
redis.call('HSET', KEYS[1], 'owner', owner, 'until', now + lease, 'epoch', out[2], 'asked', 0, 'asker', '', 'token', token, 'batch', '')
redis.call('PEXPIRE', KEYS[1], 2592000000)
out[3] = due - now
return out
