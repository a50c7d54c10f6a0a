import { CLOCK, SUBJECT, VERIFICATION, WINDOWS } from './parts';

/**
 * One reservation. All that is asked for is checked first, and only if all passes is anything written. Each part of `ask` may be
 * left out: on a cluster each group of keys is asked in a step of its own.
 *
 * ask: token; shared, a list of {key, rows}, the client's address first; verification {key, keyId, method, isCounted,
 * attempt {maxAttempts, holdMs}}; subject {tag or none where the verification says, scope, device, deviceLock, network, rows, networkRows, deviceRows,
 * message {cooldownsMs, cooldownMemoryMs, holdMs}, lock where a code is tried}; method.
 * Reply: kind, and what belongs to it.
 */
export const RESERVE = `${CLOCK}${WINDOWS}${SUBJECT}${VERIFICATION}
local ask = cjson.decode(ARGV[1])
local method = ask.method
local subject = ask.subject
local waitMs, by = 0, nil
local function refuse(ms, name) if ms > waitMs then waitMs, by = ms, name end end
local function check_rows(key, rows)
  for _, row in ipairs(rows) do if counts(row, method) then refuse(window_wait(key, row.field, row), row.name) end end
end
local function reply(kind, more)
  more.kind = kind
  return cjson.encode(more)
end

-- About nothing: that costs the address, and nobody else.
local function refuse_nothing(kind, more)
  local address = ask.shared[1]
  if not address then return reply(kind, more) end
  check_rows(address.key, address.rows)
  if waitMs > 0 then return reply('limited', {waitMs = waitMs, by = by}) end
  if ask.verification.isCounted and kind ~= 'busy' then
    for _, row in ipairs(address.rows) do if counts(row, method) then take_window(address.key, row.field, row) end end
  end
  return reply(kind, more)
end

local v, found
if ask.verification then
  v = verification(ask.verification.key)
  -- That of a privacy key which is not here cannot be opened.
  if not v or v.keyId ~= ask.verification.keyId then return refuse_nothing('missing', {}) end
  found = record(v)
  method = method or v.method
  local attempt = ask.verification.attempt
  if attempt then
    if v.expiresAt <= now then return refuse_nothing('expired', {record = found}) end
    if v.holdUntil > now then return refuse_nothing('busy', {record = found}) end
    if v.attemptsUsed >= attempt.maxAttempts then return refuse_nothing('exhausted', {record = found}) end
  end
  if subject then
    subject.tag = subject_tag(v)
    subject.scope = v.scope
  end
end

for _, group in ipairs(ask.shared) do check_rows(group.key, group.rows) end
local scope, key
if subject then
  scope = scope_of(subject)
  key = subject_key(subject.tag, scope)
  if subject.message then refuse(message_wait(key), nil) end
  subject_rows(subject, scope, method, function(at, row, field) refuse(window_wait(at, field, row), row.name) end)
  local lockMs = lock_wait(key)
  if lockMs == -1 then return reply('locked', {record = found}) end
  if lockMs > 0 then return reply('locked', {waitMs = math.max(lockMs, waitMs), record = found}) end
end
if waitMs > 0 then return reply('limited', {waitMs = waitMs, by = by, record = found}) end

local usage = {}
for _, group in ipairs(ask.shared) do
  for _, row in ipairs(group.rows) do
    if counts(row, method) then
      local used, leftMs = take_window(group.key, row.field, row)
      usage[#usage + 1] = {name = row.name, used = used, leftMs = leftMs}
    end
  end
end

local function take_message(terms)
  local m = message_of(key)
  local cooldowns = terms.cooldownsMs
  local nextAt = now + cooldowns[math.min(m.messages + 1, #cooldowns)]
  local forgotten = nextAt + terms.cooldownMemoryMs
  local hold = now + terms.holdMs
  redis.call('HSET', key, 'c', m.messages, 'm', text(forgotten), 'x', text(nextAt), 't', ask.token, 'a', text(now), 'b', text(hold))
  live_until(key, math.max(forgotten, hold))
end

-- Counted as wrong before anybody knows, so that an attempt whose end never comes has counted, and locked, already.
local function take_attempt(lock)
  local s = redis.call('HMGET', key, 'w', 'l', 'f')
  local wrong, locks = tonumber(s[1]) or 0, tonumber(s[2]) or 0
  if (tonumber(s[3]) or 0) <= now then wrong, locks = 0, 0 end
  wrong = wrong + 1
  local forgotten, untill, is_locked = now + lock.memoryMs, 0, wrong >= lock.every * (locks + 1)
  if is_locked then
    locks = locks + 1
    untill = text(now + math.min(lock.longestMs, lock.firstMs * 2 ^ (locks - 1)))
    if wrong >= lock.forGoodAfter then untill, forgotten = -1, now + lock.forGoodMs end
  end
  redis.call('HSET', key, 'w', wrong, 'l', locks, 'u', untill, 'f', text(forgotten))
  live_until(key, forgotten)
  return is_locked
end

local locks = false
if subject then
  subject_rows(subject, scope, method, function(at, row, field) take_window(at, field, row) end)
  if subject.message then
    take_message(subject.message)
    drop_ended(key)
  end
  if subject.lock then locks = take_attempt(subject.lock) end
end
local attempt = ask.verification and ask.verification.attempt
if attempt then
  found.attemptsUsed = redis.call('HINCRBY', ask.verification.key, 'a', 1)
  redis.call('HSET', ask.verification.key, 't', ask.token, 'r', text(now), 'b', text(now + attempt.holdMs))
end
return reply('granted', {takenAt = now, record = found, scope = scope, method = method, locks = locks, usage = #usage > 0 and usage or nil})`;
