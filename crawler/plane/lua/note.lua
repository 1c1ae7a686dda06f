-- KEYS: the source, the hosts given up on. ARGV: skew, id, why the source's start could not be read or '', then host and why.
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[2] then return 'fenced' end
if ARGV[3] ~= '' then redis.call('HSETNX', KEYS[1], 'lost', ARGV[3]) end
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 'ok'
