-- KEYS: the source, the sweep's hosts by the moment from which to try them. ARGV: skew, id, epoch, offset, count.
-- Gives gen and the hosts with the milliseconds until their moment, soonest first; -1: nothing waits there.
local s = redis.call('HMGET', KEYS[1], 'state', 'id', 'epoch', 'gen', 'paused')
if s[1] ~= 'running' or s[2] ~= ARGV[2] or s[3] ~= ARGV[3] then return {'fenced'} end
if s[5] == '1' then return {'paused'} end
local out = {'ok', int(s[4])}
local list = redis.call('ZRANGE', KEYS[2], ARGV[4], ARGV[4] + ARGV[5] - 1, 'WITHSCORES')
for i = 1, #list, 2 do
  out[#out + 1] = list[i]
  local at = tonumber(list[i + 1])
  out[#out + 1] = at == math.huge and -1 or math.max(0, at - now)
end
return out
