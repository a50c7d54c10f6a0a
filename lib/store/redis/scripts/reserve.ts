import { SUBJECT_KEYS } from '@/lib/store/redis/keys';
import { CLOCK, CREDIT, SUBJECT, VERIFICATION, WINDOWS } from './parts';
import { ASK } from './terms';

/**
 * One reservation. The script checks everything first, and writes only if everything passes. Each part of `ask` is
 * optional: on a cluster, each group of keys has a step of its own.
 *
 * ask: token; shared, a list of {key, rows, the name of the terms' rows}, the client's address first; verification
 * {key, keyId, isCounted}; subject {tag, unless the verification says it, scope, device, network}; program {key, rows};
 * everyone {key, rows, unless they are all}; credit {client, a list of {group, key}, isOfDestination, isProof,
 * isStranger, if no subject says it}; isDue, whether another step found a challenge due; destination, unless the
 * verification says; pass {id, kind, level, ttlMs}; method. Reply: kind, and the fields that belong to it.
 */
export const RESERVE = `${CLOCK}${WINDOWS}${CREDIT}${SUBJECT}${VERIFICATION}${ASK}local method = ask.method
local subject = ask.subject
local destination = ask.destination
local pass = ask.pass
local waitMs, by = 0, nil
local function refuse(ms, name) if ms > waitMs then waitMs, by = ms, name end end
local function check_rows(key, rows)
  for _, row in ipairs(rows) do if counts(row, method) then refuse(window_wait(key, row.field, row), row.name) end end
end
local function reply(kind, more)
  more.kind = kind
  return cjson.encode(more)
end

-- Refuses a request about a verification that is missing or takes no attempt. Such a request can count against its
-- address alone, and does not count while another attempt is in flight.
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
  -- This instance cannot open a verification under another privacy key.
  if not v or v.keyId ~= ask.verification.keyId then return refuse_nothing('missing', {}) end
  found = record(v)
  method = method or v.method
  if v.destination and not destination then destination = cjson.decode(v.destination) end
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
local scope, key, pass_key, is_spent, is_copied
local lockMs = 0
if subject then
  scope = scope_of(subject)
  if pass then
    pass_key = subject.tag .. '${SUBJECT_KEYS.pass}' .. pass.id
    is_spent = redis.call('EXISTS', pass_key) == 1
    if is_spent then pass = nil end
  end
  key = subject_key(subject.tag, scope)
  -- During a change of the privacy key, another request may have copied to this pseudonym what this request took
  -- under the other one.
  is_copied = subject.message and message_of(key).token == ask.token
  if not is_copied then
    if subject.message then refuse(message_wait(key), nil) end
    subject_rows(subject, scope, method, function(at, row, field) refuse(window_wait(at, field, row), row.name) end)
  end
  lockMs = lock_wait(key)
end

local account, objection, challenge
local taken = {}
local credit = destination and ask.credit
local is_stranger = credit and credit.isStranger
if subject then is_stranger = scope == 'strangers' end
local function doubtful(name, level, ms)
  if not challenge or level > challenge.level then
    challenge = {by = name, level = level, waitMs = math.max(ms, challenge and challenge.waitMs or 0)}
  else challenge.waitMs = math.max(ms, challenge.waitMs) end
end
if credit then
  account = account_of(credit, destination, method, is_stranger)
  local block
  for _, one in ipairs(account.charges) do
    local verdict, level, ms = shortage(one.row, level_of(one.key, one.row), one.cost)
    if verdict == 'block' then
      block = block or {verdict = verdict, by = one.row.name}
      if credit.mode == 'enforce' then refuse(ms, one.row.name) end
    elseif verdict then doubtful(one.row.name, level, ms) end
  end
  if credit.mode ~= 'enforce' then
    objection = block or challenge and {verdict = 'challenge', by = challenge.by}
    challenge = nil
  end
end
local pools = pools_of(ask, method, destination, account and account.is_new, is_stranger)
for _, pool in ipairs(pools) do
  for _, row in ipairs(pool.rows) do
    refuse(window_wait(pool.key, row.field, row), row.name)
    local level, ms = doubt(pool.key, row)
    if level > 0 then doubtful(row.name, level, ms) end
  end
end
if credit then
  -- A pass counts only if a challenge is due. Otherwise it is not used up.
  if credit.mode ~= 'enforce' or not (challenge or ask.isDue) then pass = nil end
  if pass and pass.kind == 'waited' and account.tag and not credit.isProof then
    add_waits(account, credit)
    taken.waits = '1'
  end
  if credit.mode == 'enforce' then
    for _, cap in ipairs(account.caps) do refuse(window_wait(cap.key, cap.row.field, cap.row), cap.row.name) end
  end
end
if lockMs == -1 then return reply('locked', {record = found}) end
if lockMs > 0 then return reply('locked', {waitMs = math.max(lockMs, waitMs), record = found}) end
if account and credit.mode == 'enforce' and credit.proven and credit.proven.method == method and account.tag
  and account.codes < credit.proven.codes then return reply('no-calls', {record = found}) end
if waitMs > 0 then return reply('limited', {waitMs = waitMs, by = by, record = found}) end
if challenge and not (pass and pass.level + 1 >= challenge.level) then
  challenge.record = found
  return reply('challenge', challenge)
end

local usage = {}
for _, group in ipairs(ask.shared) do
  for _, row in ipairs(group.rows) do if counts(row, method) then take_window(group.key, row.field, row) end end
end
for _, pool in ipairs(pools) do
  for _, row in ipairs(pool.rows) do
    local used, leftMs = take_window(pool.key, row.field, row)
    if pool == ask.everyone then usage[#usage + 1] = {name = row.name, used = used, cost = row.cost, leftMs = leftMs} end
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

-- Counts the code as wrong before anybody knows whether it is. An attempt whose answer never comes has then already
-- counted, and locked.
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

if account then
  for _, one in ipairs(account.charges) do taken[one.group] = exact(take_credit(one.key, one.row, one.cost)) end
  for _, cap in ipairs(account.caps) do take_window(cap.key, cap.row.field, cap.row) end
end
if pass and pass_key and subject.message then redis.call('SET', pass_key, ask.token, 'PX', pass.ttlMs) end

local locks = false
if subject and not is_copied then
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
return reply('granted', {takenAt = now, record = found, scope = scope, method = method, locks = locks, usage = #usage > 0 and usage or nil,
  taken = taken, objection = objection, challenge = challenge, isSpent = is_spent or nil, isPassUsed = pass ~= nil and pass_key ~= nil, isNewCountry = account and account.is_new,
  customers = account and account.tag and account.codes or nil})`;
