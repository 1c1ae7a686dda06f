-- KEYS: the queue's figures, the queue, the addresses it ever held. ARGV: skew, most (-1: no limit), then key, whether it
-- matches, and the sealed item of each. Gives how many were new, how many of them match, how many were too many.
if redis.call('HGET', KEYS[1], 'dropped') then return {0, 0, 0} end
local most, added, listed, dropped = tonumber(ARGV[2]), 0, 0, 0
for i = 3, #ARGV, 3 do
  if most >= 0 and added >= most then
    local n = int(redis.call('HGET', KEYS[3], 'buckets'))
    if n == 0 or redis.call('HEXISTS', KEYS[3] .. ':' .. slot(n, ARGV[i]), ARGV[i]) == 0 then dropped = dropped + 1 end
  elseif map_put(KEYS[3], ARGV[i], '', 0) then
    redis.call('RPUSH', KEYS[2], ARGV[i] .. ARGV[i + 2])
    added = added + 1
    if ARGV[i + 1] == '1' then listed = listed + 1 end
  end
end
if added > 0 then
  redis.call('HINCRBY', KEYS[1], 'waiting', added)
  redis.call('HINCRBY', KEYS[1], 'c:listed', listed)
end
return {added, listed, dropped}
