-- What every script begins with. ARGV[1] is always the milliseconds by which the clock is moved, 0 outside tests. Times that
-- come in and go out are milliseconds from now, so that the clocks of workers need not agree with each other.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])

local function int(v) return v and tonumber(v) or 0 end

-- later gives an epoch above the old one, and above all that a Redis which lost its last second may have handed out.
local function later(old) return math.max(int(old) + 1, now) end

-- A map of 8-byte keys lies in many small hashes, which Redis keeps packed only while they are short and no value is longer
-- than 64 bytes: longer values are cut in parts, the longest lie apart. It grows one hash at a time (linear hashing, Litwin
-- 1980), so that no insertion takes long.
local PART, PARTS, FULL = 64, 4, 128

local function power(n)
  local s = 1
  while s * 2 <= n do s = s * 2 end
  return s
end

local function slot(n, key)
  local s = power(n)
  local b = struct.unpack('>I4', key) % (s * 2)
  if b >= n then b = b - s end
  return b
end

local function map_get(m, key)
  local n = int(redis.call('HGET', m, 'buckets'))
  if n == 0 then return false end
  local b = m .. ':' .. slot(n, key)
  local v = redis.call('HGET', b, key)
  if not v then return false end
  if v == '' then return redis.call('HGET', b .. ':x', key) end
  local part, i = v, 1
  while #part == PART and i < PARTS do
    part = redis.call('HGET', b .. ':' .. i, key)
    if not part then break end
    v, i = v .. part, i + 1
  end
  return v
end

local function map_grow(m, n, expire)
  local s = power(n)
  local from = n - s
  for _, suffix in ipairs({'', ':1', ':2', ':3', ':x'}) do
    local all, move, gone = redis.call('HGETALL', m .. ':' .. from .. suffix), {}, {}
    for i = 1, #all, 2 do
      if struct.unpack('>I4', all[i]) % (s * 2) == n then
        move[#move + 1], move[#move + 2] = all[i], all[i + 1]
        gone[#gone + 1] = all[i]
      end
    end
    if #move > 0 then
      redis.call('HSET', m .. ':' .. n .. suffix, unpack(move))
      redis.call('HDEL', m .. ':' .. from .. suffix, unpack(gone))
      if expire > 0 then redis.call('PEXPIREAT', m .. ':' .. n .. suffix, expire) end
    end
  end
  redis.call('HSET', m, 'buckets', n + 1)
end

local function part_set(b, suffix, key, value, expire)
  local new = redis.call('HSET', b .. suffix, key, value) == 1
  if new and expire > 0 and redis.call('HLEN', b .. suffix) == 1 then redis.call('PEXPIREAT', b .. suffix, expire) end
  return new
end

-- map_put says whether the key is new. Expire is a moment, or 0.
local function map_put(m, key, value, expire)
  local n = int(redis.call('HGET', m, 'buckets'))
  if n == 0 then
    n = 1
    redis.call('HSET', m, 'buckets', 1)
    if expire > 0 then redis.call('PEXPIREAT', m, expire) end
  end
  local b = m .. ':' .. slot(n, key)
  local far = #value > PART * PARTS
  local new = part_set(b, '', key, far and '' or string.sub(value, 1, PART), expire)
  for i = 1, PARTS - 1 do
    local part = far and '' or string.sub(value, i * PART + 1, (i + 1) * PART)
    if part ~= '' then
      part_set(b, ':' .. i, key, part, expire)
    elseif not new then
      redis.call('HDEL', b .. ':' .. i, key)
    end
  end
  if far then
    part_set(b, ':x', key, value, expire)
  elseif not new then
    redis.call('HDEL', b .. ':x', key)
  end
  if new and redis.call('HINCRBY', m, 'n', 1) > n * FULL then map_grow(m, n, expire) end
  return new
end

local function map_del(m, key)
  local n = int(redis.call('HGET', m, 'buckets'))
  if n == 0 then return end
  local b = m .. ':' .. slot(n, key)
  if redis.call('HDEL', b, key) == 0 then return end
  for _, suffix in ipairs({':1', ':2', ':3', ':x'}) do redis.call('HDEL', b .. suffix, key) end
  redis.call('HINCRBY', m, 'n', -1)
end
