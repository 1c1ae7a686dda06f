-- More of a queue while its host is held. KEYS: the host's lease, the queue, what was seen since the last turn, and before it,
-- the queue's figures. ARGV: skew, owner, epoch, the number after which to begin, most. Gives 'ok', then id, key and item, seen
-- of each; or 'fenced'. Nothing changes.
local h = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if h[1] ~= ARGV[2] or h[2] ~= ARGV[3] then return {'fenced'} end
local head = int(redis.call('HGET', KEYS[5], 'head'))
local from = math.max(0, tonumber(ARGV[4]) + 1 - head)
local out = {'ok'}
for i, elem in ipairs(redis.call('LRANGE', KEYS[2], from, from + tonumber(ARGV[5]) - 1)) do
  if elem ~= '' then
    local key = string.sub(elem, 1, 8)
    out[#out + 1], out[#out + 2] = string.format('%.0f', head + from + i - 1), elem
    out[#out + 1] = map_get(KEYS[3], key) or map_get(KEYS[4], key) or ''
  end
end
return out
