-- KEYS: the source. ARGV: skew, token, new id, spec, lease, join, settings.
-- Gives how it went, id, epoch, started, seeded, or 'busy' and the milliseconds until the lease ends.
local token, id, spec, lease, join, settings = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7]
local s = redis.call('HMGET', KEYS[1], 'state', 'id', 'epoch', 'until', 'spec', 'started', 'seeded', 'paused', 'token')
local state, running = s[1], s[1] == 'running'
local function got(how) return {how, redis.call('HGET', KEYS[1], 'id'), int(redis.call('HGET', KEYS[1], 'epoch')),
  int(redis.call('HGET', KEYS[1], 'started')), redis.call('HGET', KEYS[1], 'seeded') or '0'} end

if s[8] == '1' then return {'paused'} end
if running and s[9] == token then return got('mine') end
local same = s[5] == spec
if running and same and join == '1' then
  redis.call('HSET', KEYS[1], 'until', now + lease, 'settings', settings)
  return got('resumed')
end
-- A coordinator whose settings changed takes the sweep from its workers, which are fenced.
if running and join ~= '1' and int(s[4]) > now then return {'busy', int(s[4]) - now} end
if (running or state == 'paused') and same then
  redis.call('HSET', KEYS[1], 'state', 'running', 'epoch', later(s[3]), 'until', now + lease, 'token', token, 'settings', settings)
  redis.call('DEL', KEYS[1] .. ':stopped:' .. s[2])
  redis.call('HDEL', KEYS[1], 'lost')
  return got('resumed')
end
if running or state == 'paused' then redis.call('SADD', KEYS[1] .. ':old', s[2]) end
redis.call('HDEL', KEYS[1], 'lost', 'counts', 'reason', 'finished', 'enqueued', 'gen')
redis.call('HSET', KEYS[1], 'state', 'running', 'id', id, 'epoch', later(s[3]), 'until', now + lease, 'spec', spec, 'started', now,
  'seeded', '0', 'token', token, 'settings', settings)
return got('new')
