-- The commit of a batch, all in one host's slot. KEYS: the host's lease, the queue's figures, the queue, what was put back,
-- its moments, what was seen in this turn, and in the one before. ARGV: skew, owner, epoch, token, milliseconds until the
-- host's next moment, the moment when this turn's memory ends, how many counters, seen, put back; then name and number; id and
-- sealed; id and milliseconds; and the ids of what is done. A batch whose answer was lost is known by its token.
local owner, epoch, token, next, forget = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local h = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'batch', 'due')
if h[1] ~= owner or h[2] ~= epoch then return 'fenced' end
if h[3] == token then return 'ok' end
local head = int(redis.call('HGET', KEYS[2], 'head'))
local at = 10

local known = {}

local function find(id)
  if known[id] then return known[id], false, 0 end
  local v = redis.call('HGET', KEYS[4], id)
  if v then
    local colon = string.find(v, ':', 1, true)
    return string.sub(v, colon + 1), true, int(string.sub(v, 1, colon - 1))
  end
  local i = tonumber(id) - head
  if i < 0 then return false end
  local elem = redis.call('LINDEX', KEYS[3], i)
  if not elem or elem == '' then return false end
  known[id] = elem
  return elem, false, 0
end

for _ = 1, tonumber(ARGV[7]) do
  redis.call('HINCRBY', KEYS[2], 'c:' .. ARGV[at], ARGV[at + 1])
  at = at + 2
end
for _ = 1, tonumber(ARGV[8]) do
  local elem = find(ARGV[at])
  if elem then
    local key = string.sub(elem, 1, 8)
    if map_put(KEYS[6], key, ARGV[at + 1], forget) then map_del(KEYS[7], key) end
  end
  at = at + 2
end
for _ = 1, tonumber(ARGV[9]) do
  local id = ARGV[at]
  local elem, back, attempts = find(id)
  if elem then
    redis.call('HSET', KEYS[4], id, (attempts + 1) .. ':' .. elem)
    redis.call('ZADD', KEYS[5], now + tonumber(ARGV[at + 1]), id)
    if not back then redis.call('LSET', KEYS[3], tonumber(id) - head, '') end
    known[id] = nil
  end
  at = at + 2
end
local done = 0
for i = at, #ARGV do
  local id = ARGV[i]
  local elem, back = find(id)
  if elem then
    done = done + 1
    if back then
      redis.call('HDEL', KEYS[4], id)
      redis.call('ZREM', KEYS[5], id)
    else
      redis.call('LSET', KEYS[3], tonumber(id) - head, '')
      known[id] = nil
    end
  end
end
local gone = 0
repeat -- what is done at the queue's head leaves it
  local first = redis.call('LRANGE', KEYS[3], 0, 255)
  local n = 0
  while first[n + 1] == '' do n = n + 1 end
  if n > 0 then redis.call('LTRIM', KEYS[3], n, -1) end
  gone = gone + n
until n < 256
if gone > 0 then redis.call('HINCRBY', KEYS[2], 'head', gone) end
if done > 0 then redis.call('HINCRBY', KEYS[2], 'waiting', -done) end
redis.call('HSET', KEYS[1], 'batch', token, 'due', math.max(int(h[4]), now + next))
return 'ok'
