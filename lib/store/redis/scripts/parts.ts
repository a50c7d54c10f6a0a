import { HARDEST } from '@/lib/store/charges';
import { DESTINATION_KEYS, KEYS, SUBJECT_KEYS } from '@/lib/store/redis/keys';

/**
 * Parts of scripts. A demand arrives as JSON in ARGV[1] and is called `ask`, see `terms.ts`; replies are JSON too.
 * Redis runs a script as a whole, so checking and taking are one atomic step. Times are epoch milliseconds, by Redis's
 * own clock.
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
  if count + row.cost <= row.points then return 0 end
  return ends == 0 and row.windowMs or ends - now
end
local function take_window(key, field, row)
  local count, ends = window(key, field)
  if ends == 0 then ends = now + row.windowMs end
  redis.call('HSET', key, field, text(count + row.cost) .. ' ' .. text(ends))
  live_until(key, ends)
  return count + row.cost, ends - now
end
-- Leaves alone a window that opened after the reservation: there the cost would count as credit.
local function release_window(key, field, row, taken_at)
  local count, ends = window(key, field)
  if ends == 0 or ends - row.windowMs > taken_at then return end
  if count > row.cost then redis.call('HSET', key, field, text(count - row.cost) .. ' ' .. text(ends))
  else redis.call('HDEL', key, field) end
end
local function counts(row, method) return row.method == nil or row.method == method end
`;

/**
 * Credit: v level of a bucket, t time of that level; a bucket without them is full. A country also has e codes verified
 * recently, and f the time of that count. The functions mirror `memory/bucket.ts` and `charges.ts`.
 */
export const CREDIT = `
local EPSILON = 1e-6
local CODES_KEPT_HALF_LIVES = 12
local function exact(number) return string.format('%.17g', number) end
local function level_of(key, row)
  local held = redis.call('HMGET', key, 'v', 't')
  if not held[1] then return row.capacity end
  return math.max(-row.debt, math.min(row.capacity, tonumber(held[1]) + math.max(0, now - tonumber(held[2])) * row.refillPerMs))
end
local function set_level(key, row, level)
  if level >= row.capacity then
    redis.call('HDEL', key, 'v', 't')
    return
  end
  redis.call('HSET', key, 'v', exact(level), 't', text(now))
  live_until(key, now + math.ceil((row.capacity - level) / row.refillPerMs))
end
local function take_credit(key, row, cost)
  local level = level_of(key, row)
  local taken = math.max(0, math.min(cost, level + row.debt))
  set_level(key, row, level - taken)
  return taken
end
local function put_credit(key, row, amount) set_level(key, row, level_of(key, row) + amount) end
local function codes_of(key, half_life)
  local held = redis.call('HMGET', key, 'e', 'f')
  if not held[1] then return 0 end
  return tonumber(held[1]) * 2 ^ (-math.max(0, now - tonumber(held[2])) / half_life)
end
local function count_code(key, half_life)
  redis.call('HSET', key, 'e', exact(codes_of(key, half_life) + 1), 'f', text(now))
  live_until(key, now + CODES_KEPT_HALF_LIVES * half_life)
end
-- Why the bucket cannot cover the cost: verdict, level of the challenge, wait.
local function shortage(row, level, cost)
  local after = level - cost
  if after >= -EPSILON then return nil end
  local owing = after < -row.debt - EPSILON
  local verdict = owing and row.whenOwing or row.whenEmpty
  local missing = owing and verdict == 'block' and cost - row.debt - level or cost - level
  local emptiness = row.debt > 0 and -after / row.debt or 1
  return verdict, math.min(${HARDEST}, 1 + math.floor(${HARDEST} * emptiness)), math.max(1, math.ceil(missing / row.refillPerMs))
end
local function credit_cost(destination, method, unit_price, row)
  local price = destination.prices[method] or 0
  return math.min(row.capacity, math.max(1, math.floor(price / unit_price + 0.5)))
end
local function add_waits(account, credit) account.caps[#account.caps + 1] = {key = account.tag, row = credit.waits} end
-- credit: client, a list of {group, key, row}, and the rest of the terms; either may be left out.
local function account_of(credit, destination, method, is_stranger)
  local account = {charges = {}, caps = {}, codes = 0, is_new = false}
  local function charge(group, key, row, unit_price)
    if not is_stranger then return end
    local cost = credit_cost(destination, method, unit_price, row)
    account.charges[#account.charges + 1] = {group = group, key = key, row = row, cost = cost}
  end
  for _, one in ipairs(credit.client or {}) do charge(one.group, one.key, one.row, credit.unitPrice) end
  if not credit.countries then return account end
  local tag = '${KEYS.destination}{' .. destination.country .. '}'
  account.tag = tag
  account.codes = codes_of(tag, credit.halfLifeMs)
  local index = 1
  for i, row in ipairs(credit.countries) do if account.codes >= row.from then index = i end end
  if destination.country == credit.home then index = #credit.countries end
  account.is_new = index == 1
  local function group(name, key, row, caps)
    charge(name, key, row, destination.unitPrice)
    for _, cap in ipairs(caps) do account.caps[#account.caps + 1] = {key = key, row = cap} end
  end
  local range_key = tag .. '${DESTINATION_KEYS.range}' .. destination.range
  account.range_key = range_key
  if index == #credit.countries then
    group('range', range_key, credit.homeRange, {})
  else
    group('range', range_key, credit.range, credit.rangeRows)
    group('block', tag .. '${DESTINATION_KEYS.block}' .. destination.block, credit.block, credit.blockRows)
  end
  group('country', tag, credit.countries[index], {})
  if credit.isProof then account.charges, account.caps = {}, {} end
  return account
end
-- The code was correct: a stranger gets the credit back.
-- Whoever requested the message, it no longer counts as unverified.
local function refill(credit, destination, method, is_stranger)
  local account = account_of(credit, destination, method, is_stranger)
  for _, one in ipairs(account.charges) do put_credit(one.key, one.row, one.cost * one.row.returned) end
  for _, cap in ipairs(account.caps) do
    if cap.row.isReturned then release_window(cap.key, cap.row.field, cap.row, now) end
  end
  local first = credit.firstOfDay
  if is_stranger and account.tag and window_wait(account.range_key, first.field, first) == 0 then
    take_window(account.range_key, first.field, first)
    count_code(account.tag, credit.halfLifeMs)
  end
end
-- How hard a challenge must be for a message that adds to the row's count, and for how long; 0 for none.
local function doubt(key, row)
  local count, ends = window(key, row.field)
  local after = count + row.cost
  if not row.doubtFrom or after <= row.doubtFrom then return 0, 0 end
  local over = math.floor(${HARDEST} * (after - row.doubtFrom) / math.max(1, row.points - row.doubtFrom))
  return math.min(${HARDEST}, 1 + over), ends == 0 and row.windowMs or ends - now
end
-- The rows of everyone or of a program that a message counts in, with its cost. is_stranger is nil for a release, and
-- if the caller has already chosen the rows for the sender.
local function everyone_rows(rows, method, destination, is_new, is_stranger)
  local found = {}
  for _, row in ipairs(rows) do
    if counts(row, method) and not (row.isPriced and not destination) and not (row.isForNewCountries and not is_new) then
      if row.isPriced then row.cost = destination.prices[method] or 0 end
      if is_stranger == false then row.doubtFrom = nil
      elseif row.pointsForStrangers then row.points = row.pointsForStrangers end
      found[#found + 1] = row
    end
  end
  return found
end
-- The program and everyone, as far as the ask names them, each with the rows that the message counts in.
local function pools_of(ask, method, destination, is_new, is_stranger)
  local pools = {}
  for _, name in ipairs({'program', 'everyone'}) do
    local pool = ask[name]
    if pool then
      pool.rows = everyone_rows(pool.rows, method, destination, is_new, is_stranger)
      pools[#pools + 1] = pool
    end
  end
  return pools
end
`;

/**
 * All known devices of a subject together are a hash of windows. A subject in one scope is a hash: windows by the field
 * of their row, a capital (and the network, for strangers); c messages, m when to forget them, x when the next one is
 * allowed; t token of the message in flight, a time of its reservation, b until when it holds; w wrong codes in a row,
 * l locks, u locked until (-1 for good), f when to forget them.
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
-- Drops ended windows once there are many: requests about a busy subject come from new networks every day.
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
 * Redis keeps a hash compact, in half the memory, until a value has more than 64 bytes (`hash-max-listpack-value` in
 * redis.conf). Longer texts are therefore in pieces, each in a field of its own. The last piece takes the rest.
 */
export const PIECES = `
local PIECE = 64
local function set_text(key, name, value)
  redis.call('HSET', key, name, string.sub(value, 1, PIECE), name .. '2', string.sub(value, PIECE + 1, 2 * PIECE),
    name .. '3', string.sub(value, 2 * PIECE + 1))
end
local function joined(first, second, third) return first and first .. (second or '') .. (third or '') or nil end
`;

/**
 * A verification is a hash: n the subject's pseudonym, k the id of its privacy key, p subject and method's state,
 * encrypted, m method, o scope, g destination (JSON), h challenge, a attempts used, x when the challenge expires, t
 * token of the attempt in flight, r time of its reservation, b until when it holds. p and g are in pieces.
 */
export const VERIFICATION = `${PIECES}
local function verification(key)
  local v = redis.call('HMGET', key, 'n', 'k', 'm', 'o', 'h', 'a', 'x', 'b', 'p', 'p2', 'p3', 'g', 'g2', 'g3')
  if not v[1] then return nil end
  return {subject = v[1], keyId = v[2], method = v[3], scope = v[4], challenge = v[5], attemptsUsed = tonumber(v[6]),
    expiresAt = tonumber(v[7]), holdUntil = tonumber(v[8]), sealed = joined(v[9], v[10], v[11]), destination = joined(v[12], v[13], v[14])}
end
local function record(v)
  return {sealed = v.sealed, method = v.method, scope = v.scope, destination = v.destination, challenge = v.challenge,
    attemptsUsed = v.attemptsUsed, remainingMs = math.max(0, v.expiresAt - now)}
end
local function subject_tag(v) return '${KEYS.subject}{' .. v.subject .. '}' end
`;
