-- What scripts begin with that use maps. A map of 8-byte keys lies in many small hashes, which Redis keeps packed only while
-- they are short and no value is longer than 64 bytes: longer values are cut in parts, the longest lie apart. It grows one hash
-- at a time (linear hashing, Litwin 1980), so that no insertion takes long. Redis looks through a packed hash from its
-- beginning, so that more than FULL keys in one, on the average, would take time, and fewer would take memory.
local PART, PARTS, FULL = 64, 4, 64
local SUFFIX = {'', ':1', ':2', ':3', ':x'}

local sizes = {} -- how many hashes each map has

local function map_size(m)
  if not sizes[m] then sizes[m] = int(redis.call('HGET', m, 'buckets')) end
  return sizes[m]
end

local function power(n)
  local s = 1
  while s * 2 <= n do s = s * 2 end
  return s
end

-- map_spread gives the keys by the number of the hash in which they lie: what is done to one hash is one call.
local function map_spread(m, keys)
  local n, by, unpack4 = map_size(m), {}, struct.unpack
  local s = power(n)
  for i = 1, #keys do
    local b = unpack4('>I4', keys[i]) % (s * 2)
    if b >= n then b = b - s end
    local list = by[b]
    if list then list[#list + 1] = keys[i] else by[b] = {keys[i]} end
  end
  return by
end

-- map_get puts the values of keys into a table.
local function map_get(m, keys, out)
  if #keys == 0 or map_size(m) == 0 then return end
  for b, list in pairs(map_spread(m, keys)) do
    local name, part = m .. ':' .. b, 1
    while #list > 0 do
      local more = {}
      for i, v in ipairs(redis.call('HMGET', name .. SUFFIX[part], unpack(list))) do
        local key = list[i]
        if v == '' and part == 1 then
          out[key] = redis.call('HGET', name .. ':x', key) or nil
        elseif v then
          out[key] = part == 1 and v or out[key] .. v
          if #v == PART and part < PARTS then more[#more + 1] = key end
        end
      end
      list, part = more, part + 1
    end
  end
end

-- map_known tells which keys a map holds.
local function map_known(m, keys)
  local known = {}
  if map_size(m) == 0 then return known end
  for b, list in pairs(map_spread(m, keys)) do
    for i, v in ipairs(redis.call('HMGET', m .. ':' .. b, unpack(list))) do known[list[i]] = v and true or nil end
  end
  return known
end

local function part_set(name, list, expire)
  local new = redis.call('HSET', name, unpack(list))
  if new > 0 and expire > 0 and redis.call('HLEN', name) == new then redis.call('PEXPIREAT', name, expire) end
  return new
end

local function map_grow(m, n, expire)
  local s = power(n)
  local from = n - s
  for i = 1, expire > 0 and #SUFFIX or 1 do -- without values there is one part
    local suffix, move, gone = SUFFIX[i], {}, {}
    local all = redis.call('HGETALL', m .. ':' .. from .. suffix)
    for i = 1, #all, 2 do
      if struct.unpack('>I4', all[i]) % (s * 2) == n then
        move[#move + 1], move[#move + 2] = all[i], all[i + 1]
        gone[#gone + 1] = all[i]
      end
    end
    if #move > 0 then
      redis.call('HDEL', m .. ':' .. from .. suffix, unpack(gone))
      part_set(m .. ':' .. n .. suffix, move, expire)
    end
  end
end

-- map_begin makes a map large enough for so many keys, as long as there are few in it: to grow by them would take longer.
local function map_begin(m, expect, expire)
  local n, want = map_size(m), math.max(1, math.floor(expect / FULL))
  if n > 1 or n == 1 and want < 4 then return end
  sizes[m] = want
  redis.call('HSET', m, 'buckets', want)
  if n == 0 then
    if expire > 0 then redis.call('PEXPIREAT', m, expire) end
    return
  end
  for _, suffix in ipairs(SUFFIX) do
    local all, value, keys = redis.call('HGETALL', m .. ':0' .. suffix), {}, {}
    if #all == 0 and suffix == '' then return end
    for i = 1, #all, 2 do
      keys[#keys + 1], value[all[i]] = all[i], all[i + 1]
    end
    redis.call('DEL', m .. ':0' .. suffix)
    for b, list in pairs(map_spread(m, keys)) do
      local set = {}
      for i = 1, #list do set[2 * i - 1], set[2 * i] = list[i], value[list[i]] end
      part_set(m .. ':' .. b .. suffix, set, expire)
    end
  end
end

-- map_more counts new keys.
local function map_more(m, added, expire)
  if added == 0 then return end
  local all, n = redis.call('HINCRBY', m, 'n', added), map_size(m)
  if all <= n * FULL then return end
  while all > n * FULL do
    map_grow(m, n, expire)
    n = n + 1
  end
  sizes[m] = n
  redis.call('HSET', m, 'buckets', n)
end

-- map_add adds keys without values, each once, to a map that was begun, and gives those that were new.
local function map_add(m, keys)
  local new, added = {}, 0
  for b, list in pairs(map_spread(m, keys)) do
    local name, set = m .. ':' .. b, {}
    if #list == 1 then -- one call instead of two
      if redis.call('HSETNX', name, list[1], '') == 1 then
        new[list[1]] = true
        added = added + 1
      end
    else
      for i, v in ipairs(redis.call('HMGET', name, unpack(list))) do
        if not v and not new[list[i]] then
          new[list[i]] = true
          set[#set + 1], set[#set + 2] = list[i], ''
        end
      end
      if #set > 0 then redis.call('HSET', name, unpack(set)) end
      added = added + #set / 2
    end
  end
  map_more(m, added, 0)
  return new
end

-- part_put puts the parts of long values behind the first into their hashes, and takes away what they no longer need.
local function part_put(name, keys, values, expire, known)
  for p = 2, #SUFFIX do
    local from, set, del = (p - 1) * PART, {}, {}
    for i = 1, #keys do
      local key, v = keys[i], values[keys[i]]
      local far = #v > PART * PARTS
      if p > PARTS and far then
        set[#set + 1], set[#set + 2] = key, v
      elseif p <= PARTS and not far and #v > from then
        set[#set + 1], set[#set + 2] = key, string.sub(v, from + 1, from + PART)
      else
        del[#del + 1] = key
      end
    end
    if #set > 0 then part_set(name .. SUFFIX[p], set, expire) end
    if known and #del > 0 then redis.call('HDEL', name .. SUFFIX[p], unpack(del)) end
  end
end

-- map_put puts values into a map that was begun. Expire is a moment, or 0.
local function map_put(m, keys, values, expire)
  local added = 0
  for b, list in pairs(map_spread(m, keys)) do
    local name, set, long = m .. ':' .. b, {}, false
    for i = 1, #list do
      local v = values[list[i]]
      if #v > PART then
        v = #v > PART * PARTS and '' or string.sub(v, 1, PART)
        long = true
      end
      set[2 * i - 1], set[2 * i] = list[i], v
    end
    local new = part_set(name, set, expire)
    if long or new < #list then part_put(name, list, values, expire, new < #list) end
    added = added + new
  end
  map_more(m, added, expire)
end

local function map_del(m, keys)
  if #keys == 0 or map_size(m) == 0 then return end
  local gone = 0
  for b, list in pairs(map_spread(m, keys)) do
    local name = m .. ':' .. b
    local n = redis.call('HDEL', name, unpack(list))
    if n > 0 then
      gone = gone + n
      for p = 2, #SUFFIX do redis.call('HDEL', name .. SUFFIX[p], unpack(list)) end
    end
  end
  if gone > 0 then redis.call('HINCRBY', m, 'n', -gone) end
end

-- seen_of gives what was seen under keys, in their order: in this turn, or in the one before; '' where nothing was.
local function seen_of(now, before, keys)
  local found, missing, out = {}, {}, {}
  map_get(now, keys, found)
  for i = 1, #keys do
    if not found[keys[i]] then missing[#missing + 1] = keys[i] end
  end
  map_get(before, missing, found)
  for i = 1, #keys do out[i] = found[keys[i]] or '' end
  return out
end
