-- KEYS: the host's lease, and the queue's figures or the lease again. ARGV: skew, owner, epoch, what, milliseconds.
-- What: 'due' (no request earlier), 'until' (renew), 'release' (due, and give back). Gives 'ok', milliseconds until due, and
-- how many wait; or 'fenced'.
local h = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'due')
local mine = h[1] == ARGV[2] or ARGV[4] == 'release' and h[1] == '' -- a release whose answer was lost is asked again
if not mine or h[2] ~= ARGV[3] then return {'fenced'} end
local due = int(h[3])
if ARGV[4] == 'until' then
  redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[5]))
else
  due = math.max(due, now + tonumber(ARGV[5]))
  redis.call('HSET', KEYS[1], 'due', due)
end
if ARGV[4] == 'release' then redis.call('HSET', KEYS[1], 'owner', '', 'until', 0) end
local waiting = 0
if KEYS[2] ~= KEYS[1] then waiting = int(redis.call('HGET', KEYS[2], 'waiting')) end
return {'ok', due - now, waiting}
