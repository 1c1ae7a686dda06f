-- KEYS: the sweep's hosts. ARGV: skew, then host and milliseconds from now (-1: nothing waits there). Only members change.
for i = 2, #ARGV, 2 do
  local d = tonumber(ARGV[i + 1])
  redis.call('ZADD', KEYS[1], 'XX', d < 0 and '+inf' or now + d, ARGV[i])
end
return 1
