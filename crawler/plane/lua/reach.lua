-- KEYS: the source, the sweep's hosts. ARGV: skew, id, how many addresses were new, hosts. Called before addresses are put
-- into hosts' queues (with -1), so that no queue is without its host here, and after it, so that whoever saw a queue empty
-- looks again.
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[2] then return 0 end
local after = tonumber(ARGV[3]) >= 0
for i = 4, #ARGV do
  if after then
    redis.call('ZADD', KEYS[2], 0, ARGV[i])
  else
    redis.call('ZADD', KEYS[2], 'NX', '+inf', ARGV[i])
  end
end
if after then
  redis.call('HINCRBY', KEYS[1], 'enqueued', ARGV[3])
  redis.call('HINCRBY', KEYS[1], 'gen', 1)
end
return 1
