-- KEYS: the source. ARGV: skew, token, id, epoch, state, good, reason, counts. Only a paused sweep keeps its frontier.
local s = redis.call('HMGET', KEYS[1], 'state', 'id', 'epoch', 'ended')
if s[4] == ARGV[2] then return 'ok' end
if s[1] ~= 'running' or s[2] ~= ARGV[3] or s[3] ~= ARGV[4] then return 'fenced' end
redis.call('HSET', KEYS[1], 'state', ARGV[5], 'finished', now, 'reason', ARGV[7], 'counts', ARGV[8], 'until', 0, 'ended', ARGV[2])
if ARGV[6] == '1' then redis.call('HSET', KEYS[1], 'good', now) end
if ARGV[5] ~= 'paused' then redis.call('SADD', KEYS[1] .. ':old', ARGV[3]) end
return 'ok'
