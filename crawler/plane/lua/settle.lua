-- The commit of a batch, all in one host's slot. KEYS: the host's lease, the queue's figures, the queue, what was put back,
-- its moments, what was seen in this turn, and in the one before, the addresses that the queue ever held. ARGV: skew, owner,
-- epoch, token, milliseconds until the host's next moment, the moment when this turn's memory ends, the least and the greatest id
-- in the batch, how many counters, seen, put back; then name and number; id and sealed; id and milliseconds; and what is done:
-- the first id and how many of them in a row. A batch whose answer was lost is known by its token.
local owner, epoch, token, next, forget = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local h = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'batch', 'due')
if h[1] ~= owner or h[2] ~= epoch then return 'fenced' end
if h[3] == token then return 'ok' end
local head = int(redis.call('HGET', KEYS[2], 'head'))
local at = 12

-- The queue's part in which the batch lies, read at once unless it is long.
local base, last, elems = math.max(tonumber(ARGV[7]), head), tonumber(ARGV[8])
if last - base < 8192 then
  elems = last < base and {} or redis.call('LRANGE', KEYS[3], base - head, last - head)
end

local gone = {} -- ids that leave the queue

local function waits(id)
  if id < head or gone[id] then return false end
  local elem
  if elems then
    elem = elems[id - base + 1]
  else
    elem = redis.call('LINDEX', KEYS[3], id - head)
  end
  return elem and elem ~= '' and elem
end

-- back gives what was put back under an id, and how often it was tried.
local function back(id)
  local v = redis.call('HGET', KEYS[4], id)
  if not v then return false end
  local colon = string.find(v, ':', 1, true)
  return string.sub(v, colon + 1), int(string.sub(v, 1, colon - 1))
end

for _ = 1, tonumber(ARGV[9]) do
  redis.call('HINCRBY', KEYS[2], 'c:' .. ARGV[at], ARGV[at + 1])
  at = at + 2
end
local keys, values = {}, {}
for _ = 1, tonumber(ARGV[10]) do
  local elem = waits(tonumber(ARGV[at])) or back(ARGV[at])
  if elem then
    local key = string.sub(elem, 1, 8)
    if not values[key] then keys[#keys + 1] = key end
    values[key] = ARGV[at + 1]
  end
  at = at + 2
end
if #keys > 0 then
  if map_size(KEYS[6]) < 2 then map_begin(KEYS[6], int(redis.call('HGET', KEYS[8], 'n')), forget) end
  map_put(KEYS[6], keys, values, forget)
  map_del(KEYS[7], keys)
end
for _ = 1, tonumber(ARGV[11]) do
  local id = ARGV[at]
  local elem, attempts = waits(tonumber(id)), 0
  if elem then
    gone[tonumber(id)] = true
  else
    elem, attempts = back(id)
  end
  if elem then
    redis.call('HSET', KEYS[4], id, (attempts + 1) .. ':' .. elem)
    redis.call('ZADD', KEYS[5], now + tonumber(ARGV[at + 1]), id)
  end
  at = at + 2
end
local done = 0
for i = at, #ARGV, 2 do
  local first = tonumber(ARGV[i])
  for id = first, first + tonumber(ARGV[i + 1]) - 1 do
    if waits(id) then
      gone[id] = true
      done = done + 1
    elseif redis.call('HDEL', KEYS[4], string.format('%.0f', id)) == 1 then
      redis.call('ZREM', KEYS[5], string.format('%.0f', id))
      done = done + 1
    end
  end
end

-- What is done at the queue's head leaves it, the rest leaves a gap.
local cut, whole = 0, not elems
if elems and base == head then
  while elems[cut + 1] and (elems[cut + 1] == '' or gone[head + cut]) do cut = cut + 1 end
  whole = cut == #elems
end
for id in pairs(gone) do
  if id >= head + cut then redis.call('LSET', KEYS[3], id - head, '') end
end
if cut > 0 then redis.call('LTRIM', KEYS[3], cut, -1) end
while whole do -- gaps that were left before
  local first, n = redis.call('LRANGE', KEYS[3], 0, 255), 0
  while first[n + 1] == '' do n = n + 1 end
  if n > 0 then redis.call('LTRIM', KEYS[3], n, -1) end
  cut = cut + n
  whole = n == 256
end
if cut > 0 then redis.call('HINCRBY', KEYS[2], 'head', cut) end
if done > 0 then redis.call('HINCRBY', KEYS[2], 'waiting', -done) end
redis.call('HSET', KEYS[1], 'batch', token, 'due', math.max(int(h[4]), now + next))
return 'ok'
