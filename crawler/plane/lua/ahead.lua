-- More of a queue while its host is held. KEYS: the host's lease, the queue, what was seen since the last turn, and before it,
-- the queue's figures. ARGV: skew, owner, epoch, the number after which to begin, most. Gives 'ok', then id, key and item, seen
-- of each; or 'fenced'. Nothing changes.
local h = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if h[1] ~= ARGV[2] or h[2] ~= ARGV[3] then return {'fenced'} end
local q = redis.call('HMGET', KEYS[5], 'head', 'fresh')
local head = int(q[1])
local from = math.max(0, tonumber(ARGV[4]) + 1 - head)
local out, keys = {'ok'}, {}
for i, elem in ipairs(redis.call('LRANGE', KEYS[2], from, from + tonumber(ARGV[5]) - 1)) do
  if elem ~= '' then
    keys[#keys + 1] = string.sub(elem, 1, 8)
    out[#out + 1], out[#out + 2], out[#out + 3] = head + from + i - 1, elem, ''
  end
end
if not q[2] then
  for i, v in ipairs(seen_of(KEYS[3], KEYS[4], keys)) do out[1 + 3 * i] = v end
end
return out
