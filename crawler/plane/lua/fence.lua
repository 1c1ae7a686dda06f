-- KEYS: the source. ARGV: skew, id, epoch, lease (0: it is only checked). Gives what is known of the sweep, or 'fenced'.
local s = redis.call('HMGET', KEYS[1], 'state', 'id', 'epoch', 'enqueued', 'gen', 'paused')
if s[1] ~= 'running' or s[2] ~= ARGV[2] or s[3] ~= ARGV[3] then return {'fenced'} end
if tonumber(ARGV[4]) > 0 then redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[4])) end
return {s[6] == '1' and 'paused' or 'ok', int(s[4]), int(s[5])}
