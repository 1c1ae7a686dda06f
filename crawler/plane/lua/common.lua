-- What every script begins with. ARGV[1] is always the milliseconds by which the clock is moved, 0 outside tests. Times that
-- come in and go out are milliseconds from now, so that the clocks of workers need not agree with each other.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])

local function int(v) return v and tonumber(v) or 0 end

-- later gives an epoch above the old one, and above all that a Redis which lost its last second may have handed out.
local function later(old) return math.max(int(old) + 1, now) end
