import { KEYS, SUBJECT_KEYS } from '@/lib/store/redis/keys';

/**
 * Parts that scripts are made of. A demand comes as JSON in ARGV[1] and is called `ask`; replies are JSON too. Redis runs a
 * script whole, so that every check and act is atomic, by Redis' own clock. Times are epoch milliseconds.
 */
export const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end
-- A key lives as long as the last thing in it.
local function live_until(key, ends)
  local left = redis.call('PTTL', key)
  if left < ends - now then redis.call('PEXPIREAT', key, text(ends)) end
end
`;

/** Fixed windows: a field of a hash holds "count end". */
export const WINDOWS = `
local function window(key, field)
  local held = redis.call('HGET', key, field)
  if not held then return 0, 0 end
  local count, ends = string.match(held, '^(%d+) (%d+)$')
  count, ends = tonumber(count), tonumber(ends)
  if ends <= now then return 0, 0 end
  return count, ends
end
local function window_wait(key, field, row)
  local count, ends = window(key, field)
  if count + row.cost <= row.points or ends == 0 then return 0 end
  return ends - now
end
local function take_window(key, field, row)
  local count, ends = window(key, field)
  if ends == 0 then ends = now + row.windowMs end
  redis.call('HSET', key, field, text(count + row.cost) .. ' ' .. text(ends))
  live_until(key, ends)
  return count + row.cost, ends - now
end
-- In a window that was opened since, it would be credit.
local function release_window(key, field, row, taken_at)
  local count, ends = window(key, field)
  if ends == 0 or ends - row.windowMs > taken_at then return end
  if count > row.cost then redis.call('HSET', key, field, text(count - row.cost) .. ' ' .. text(ends))
  else redis.call('HDEL', key, field) end
end
local function counts(row, method) return row.method == nil or row.method == method end
`;

/**
 * All known devices of a subject together are a hash of windows. A subject in one scope is a hash: windows by the field of their row, a capital (and the network, for strangers);
 * c messages, m when they are forgotten, x when the next one is allowed; t token of the message in flight, a when it was
 * reserved, b until when it holds; w wrong codes in a row, l locks, u locked until (-1 for good), f when they are forgotten.
 */
export const SUBJECT = `
local MANY_FIELDS = 24
local function scope_of(subject)
  if not subject.device then return subject.scope or 'strangers' end
  local erased = tonumber(redis.call('GET', subject.tag .. '${SUBJECT_KEYS.erased}')) or 0
  if subject.device.issuedAt <= erased then return 'strangers' end
  local all = subject.tag .. '${SUBJECT_KEYS.allDevices}'
  if window_wait(all, subject.deviceLock.field, subject.deviceLock) > 0 then return 'strangers' end
  return 'device:' .. subject.device.id
end
local function subject_key(tag, scope)
  if scope == 'strangers' then return tag .. '${SUBJECT_KEYS.strangers}' end
  return tag .. '${SUBJECT_KEYS.device}' .. string.sub(scope, 8)
end
local function subject_rows(subject, scope, method, act)
  local key = subject_key(subject.tag, scope)
  for _, row in ipairs(subject.rows) do if counts(row, method) then act(key, row, row.field) end end
  if scope == 'strangers' then
    for _, row in ipairs(subject.networkRows) do
      if counts(row, method) then act(key, row, row.field .. ' ' .. subject.network) end
    end
    return
  end
  local all = subject.tag .. '${SUBJECT_KEYS.allDevices}'
  for _, row in ipairs(subject.deviceRows) do if counts(row, method) then act(all, row, row.field) end end
end
local function message_of(key)
  local s = redis.call('HMGET', key, 'c', 'm', 'x', 't', 'a', 'b')
  local messages = tonumber(s[1]) or 0
  if (tonumber(s[2]) or 0) <= now then messages = 0 end
  return {messages = messages, nextAt = tonumber(s[3]) or 0, token = s[4], takenAt = tonumber(s[5]), holdUntil = tonumber(s[6]) or 0}
end
local function message_wait(key)
  local m = message_of(key)
  return math.max(0, m.nextAt - now, m.holdUntil - now)
end
local function standing(key) return {waitMs = message_wait(key), messages = message_of(key).messages} end
local function lock_wait(key)
  local untill = tonumber(redis.call('HGET', key, 'u')) or 0
  if untill == -1 then return -1 end
  return math.max(0, untill - now)
end
local function forget_wrong_codes(key) redis.call('HDEL', key, 'w', 'l', 'u', 'f') end
-- A busy subject meets new networks every day.
local function drop_ended(key)
  if redis.call('HLEN', key) <= MANY_FIELDS then return end
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    local ends = string.match(fields[i + 1], '^%d+ (%d+)$')
    if ends and tonumber(ends) <= now then redis.call('HDEL', key, fields[i]) end
  end
end
`;

/**
 * A verification is a hash: n the subject's pseudonym, k the id of the privacy key that it is of, p subject and method's state,
 * sealed, m method, o scope, h challenge, a attempts used, x when the challenge expires, t token of the attempt in flight,
 * r when it was reserved, b until when it holds.
 */
export const VERIFICATION = `
local function verification(key)
  local v = redis.call('HMGET', key, 'n', 'k', 'p', 'm', 'o', 'h', 'a', 'x', 'b')
  if not v[1] then return nil end
  return {subject = v[1], keyId = v[2], sealed = v[3], method = v[4], scope = v[5], challenge = v[6],
    attemptsUsed = tonumber(v[7]), expiresAt = tonumber(v[8]), holdUntil = tonumber(v[9])}
end
local function record(v)
  return {sealed = v.sealed, method = v.method, scope = v.scope, challenge = v.challenge,
    attemptsUsed = v.attemptsUsed, remainingMs = math.max(0, v.expiresAt - now)}
end
local function subject_tag(v) return '${KEYS.subject}{' .. v.subject .. '}' end
`;
