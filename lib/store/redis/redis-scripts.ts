import { COOLDOWN_MEMORY_MS, LOCK, RESEND_GRACE_MS } from '@/lib/store/store';

/**
 * The store's operations as Lua: Redis runs each one whole, so that every check and act is atomic, by Redis' own clock.
 *
 * A number goes by its pseudonyms, one for each privacy key, the newest first, with a space between. Phone numbers, Infobip's
 * pinIds and proofs are sealed.
 *
 * What a verification keeps is of one privacy key, the one that its maker had as the newest, and its number's first pseudonym is,
 * too. Whoever has another newest key is told `stale`, before anything is done, and brings it under that one first. So nothing
 * ever moves to a pseudonym that who asks does not know.
 *
 * A verification is a hash: k privacy key's id, n number, s sealed number, c channel, m template, p sealed pinId, f the pinId's fingerprint, a
 * tries used, x expiry, b busy until, t the open try's token.
 * A session is a hash: n number, s sealed proof.
 * A number's slot is a hash: c messages, x next message allowed, t open claim's token, b its end.
 * A number's wrong codes are a hash: c in a row, tries in flight included, l locks so far, u locked until, -1 for good.
 * A number's allowances are a counter each. Times are epoch milliseconds.
 *
 * Keys are made in the scripts, from the verification, so these need a single Redis, not a cluster.
 */

/** In front of every key. */
export const PREFIX = 'phone-verification:';

/** Keys as Lua and the store make them. */
export const KEYS = {
  verification: `${PREFIX}v:`,
  session: `${PREFIX}s:`,
  number: `${PREFIX}n:`,
  wrongCodes: `${PREFIX}w:`,
  allowance: `${PREFIX}l:`,
  /** Written for each privacy key with what is kept under it, also to learn whether Redis takes writes. */
  privacyKey: `${PREFIX}k:`,
} as const;

const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

const RECORD = `
local function record(v)
  return {v[8], v[2], v[3], v[4], tonumber(v[5]), math.max(0, tonumber(v[6]) - now)}
end
local function load(key) return redis.call('HMGET', key, 'n', 'c', 'm', 'p', 'a', 'x', 'b', 's', 'f', 'k') end
local function is_stale(v) return v[1] and v[10] ~= KEYS[2] end
`;

/** Where something about a number is kept: under its newest pseudonym. What is still under an older one moves there. */
const NUMBER = `
local function at(prefix, number)
  local newest
  for pseudonym in string.gmatch(number, '%S+') do
    local key = prefix .. pseudonym
    if not newest then
      newest = key
    elseif redis.call('EXISTS', newest) == 0 and redis.call('EXISTS', key) == 1 then
      redis.call('RENAME', key, newest)
    end
  end
  return newest
end
`;

const WRONG_CODES = `
local function lock_of(number)
  local u = tonumber(redis.call('HGET', at('${KEYS.wrongCodes}', number), 'u')) or 0
  if u == -1 then return -1 end
  return math.max(0, u - now)
end
local function count_wrong(number)
  local key = at('${KEYS.wrongCodes}', number)
  redis.call('HINCRBY', key, 'c', 1)
  redis.call('PEXPIRE', key, ${LOCK.memoryMs})
end
-- Whether this locked the number.
local function settle_wrong(number, outcome)
  local key = at('${KEYS.wrongCodes}', number)
  if outcome == 'verified' then
    for pseudonym in string.gmatch(number, '%S+') do redis.call('DEL', '${KEYS.wrongCodes}' .. pseudonym) end
    return
  end
  local w = redis.call('HMGET', key, 'c', 'l')
  if not w[1] then return end
  local count, locks = tonumber(w[1]), tonumber(w[2]) or 0
  if outcome == 'refund' or outcome == 'dead' then
    redis.call('HSET', key, 'c', math.max(0, count - 1))
    return
  end
  if count < ${LOCK.every} * (locks + 1) then return false end
  locks = locks + 1
  if count >= ${LOCK.forGoodAfter} then
    redis.call('HSET', key, 'l', locks, 'u', -1)
    redis.call('PEXPIRE', key, ${LOCK.forGoodMs})
  else
    redis.call('HSET', key, 'l', locks, 'u', now + math.min(${LOCK.longestMs}, ${LOCK.firstMs} * 2 ^ (locks - 1)))
  end
  return true
end
`;

const SLOT = `
-- Wait and messages.
local function standing_of(number)
  local s = redis.call('HMGET', at('${KEYS.number}', number), 'x', 't', 'b', 'c')
  local wait = math.max(0, (tonumber(s[1]) or 0) - now)
  if s[2] and s[2] ~= '' and tonumber(s[3]) > now then wait = math.max(wait, 1) end
  return wait, tonumber(s[4]) or 0
end
local function keep_slot(key)
  local s = redis.call('HMGET', key, 'x', 'b')
  redis.call('PEXPIREAT', key, math.max(tonumber(s[1]) or 0, tonumber(s[2]) or 0, now) + ${COOLDOWN_MEMORY_MS})
end
`;

/** Arguments of a claim: token, hold, channel, number of cooldowns, cooldowns…, then each allowance. */
const CLAIM = `
local function claim(number, channel)
  local lock = lock_of(number)
  if lock ~= 0 then return {'locked', lock, ''} end
  local wait, by = standing_of(number), ''
  local counters = {}
  for i = 5 + tonumber(ARGV[4]), #ARGV, 4 do
    if ARGV[i + 3] == '' or ARGV[i + 3] == channel then
      counters[#counters + 1] = {at('${KEYS.allowance}' .. ARGV[i] .. ':', number), tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i]}
    end
  end
  for _, c in ipairs(counters) do
    if (tonumber(redis.call('GET', c[1])) or 0) >= c[2] then
      local left = math.max(1, redis.call('PTTL', c[1]))
      if left > wait then wait, by = left, c[4] end
    end
  end
  if wait > 0 then return {'wait', wait, by} end
  for _, c in ipairs(counters) do
    if redis.call('INCR', c[1]) == 1 then redis.call('PEXPIRE', c[1], c[3]) end
  end
  local key = at('${KEYS.number}', number)
  local messages = tonumber(redis.call('HGET', key, 'c')) or 0
  local cooldown = tonumber(ARGV[4 + math.min(messages + 1, tonumber(ARGV[4]))])
  redis.call('HSET', key, 'c', messages, 't', ARGV[1], 'x', now + cooldown, 'b', now + ARGV[2])
  keep_slot(key)
  return {'granted', cooldown, ''}
end
`;

const SETTLE = `
local function settle(number)
  local key = at('${KEYS.number}', number)
  if redis.call('HGET', key, 't') ~= ARGV[1] then return {standing_of(number)} end
  if ARGV[2] == 'sent' then
    redis.call('HINCRBY', key, 'c', 1)
    redis.call('HSET', key, 't', '', 'b', 0)
  else
    redis.call('HSET', key, 't', '', 'b', 0, 'x', 0)
    for i = 3, #ARGV do
      local counter = at('${KEYS.allowance}' .. ARGV[i] .. ':', number)
      if redis.call('EXISTS', counter) == 1 then redis.call('DECR', counter) end
    end
  end
  keep_slot(key)
  return {standing_of(number)}
end
`;

/** Those that are asked about a verification that may be stale: their second key is the asker's newest privacy key's id. */
export const ASKED: ReadonlySet<string> = new Set(['claimResendScript', 'findScript', 'claimAttemptScript']);

/** Each script under what it takes and gives; the first is KEYS[1], the others ARGV. */
export const SCRIPTS = {
  /** number, … -> kind, cooldown or wait, allowance that waits longest or '' */
  claimMessageScript: `${CLOCK}${NUMBER}${WRONG_CODES}${SLOT}${CLAIM}
return claim(KEYS[1], ARGV[3])`,

  /** key of a verification and key's id, … -> record, and as above; nothing where there is none; or stale */
  claimResendScript: `${CLOCK}${RECORD}${NUMBER}${WRONG_CODES}${SLOT}${CLAIM}
local v = load(KEYS[1])
if not v[1] then return nil end
if is_stale(v) then return 'stale' end
local c = claim(v[1], ARGV[3] == '' and v[2] or ARGV[3])
return {record(v), c[1], c[2], c[3]}`,

  /** number, token, outcome, names of allowances… -> wait, messages */
  settleMessageScript: `${CLOCK}${NUMBER}${SLOT}${SETTLE}
return settle(KEYS[1])`,

  /** key of a verification, token, outcome, names of allowances…: the same for its number */
  settleResendScript: `${CLOCK}${RECORD}${NUMBER}${SLOT}${SETTLE}
local v = load(KEYS[1])
return v[1] and settle(v[1]) or 0`,

  /** key, number, sealed number, channel, template, sealed pinId, fingerprint, ttl, privacy key's id */
  createScript: `${CLOCK}
local expiry = now + tonumber(ARGV[7])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'n', ARGV[1], 's', ARGV[2], 'c', ARGV[3], 'm', ARGV[4], 'p', ARGV[5], 'f', ARGV[6])
redis.call('HSET', KEYS[1], 'a', 0, 'x', expiry, 'b', 0, 'k', ARGV[8])
redis.call('SET', '${KEYS.privacyKey}' .. ARGV[8], '1', 'PX', ${LOCK.forGoodMs})
redis.call('PEXPIREAT', KEYS[1], expiry + ${RESEND_GRACE_MS})
return 1`,

  /** key, sealed number and sealed pinId as they were, number, sealed number, sealed pinId, privacy key's id */
  rekeyScript: `
local v = redis.call('HMGET', KEYS[1], 's', 'p')
if v[1] ~= ARGV[1] or v[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'n', ARGV[3], 's', ARGV[4], 'p', ARGV[5], 'k', ARGV[6])
return 1`,

  /** key and key's id -> record, wait and messages of its number; nothing where there is none; or stale */
  findScript: `${CLOCK}${RECORD}${NUMBER}${SLOT}
local v = load(KEYS[1])
if not v[1] then return nil end
if is_stale(v) then return 'stale' end
return {record(v), standing_of(v[1])}`,

  /** key and key's id, hold, max attempts, token -> granted and record; or kind, time of the lock, sealed number; or stale */
  claimAttemptScript: `${CLOCK}${RECORD}${NUMBER}${WRONG_CODES}
local v = load(KEYS[1])
if not v[1] then return {'missing', 0, ''} end
if is_stale(v) then return 'stale' end
if tonumber(v[6]) <= now then return {'expired', 0, v[8]} end
if tonumber(v[7]) > now then return {'busy', 0, v[8]} end
if tonumber(v[5]) >= tonumber(ARGV[2]) then return {'exhausted', 0, v[8]} end
-- Tries whose end never came, and those in flight, lock as well.
settle_wrong(v[1], 'counted')
local lock = lock_of(v[1])
if lock ~= 0 then return {'locked', lock, v[8]} end
count_wrong(v[1])
v[5] = redis.call('HINCRBY', KEYS[1], 'a', 1)
redis.call('HSET', KEYS[1], 'b', now + tonumber(ARGV[1]), 't', ARGV[3])
return {'granted', record(v)}`,

  /** key, token: as if the try had never been claimed */
  abandonAttemptScript: `${CLOCK}${RECORD}${NUMBER}${WRONG_CODES}
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
settle_wrong(redis.call('HGET', KEYS[1], 'n'), 'refund')
redis.call('HINCRBY', KEYS[1], 'a', -1)
redis.call('HSET', KEYS[1], 'b', 0, 't', '')
return 1`,

  /**
   * key, fingerprint, outcome, max attempts, attempts remaining or '', and where verified: session's key, sealed proof,
   * ttl, key of the session before or '' -> tries used, whether the number got locked
   */
  settleAttemptScript: `${CLOCK}${RECORD}${NUMBER}${WRONG_CODES}
local v = load(KEYS[1])
if v[9] ~= ARGV[1] then return nil end
local used, max = tonumber(v[5]), tonumber(ARGV[3])
local locked = settle_wrong(v[1], ARGV[2]) and 1 or 0
if ARGV[2] == 'verified' then
  local slot = at('${KEYS.number}', v[1])
  redis.call('DEL', KEYS[1])
  if ARGV[8] ~= '' then redis.call('DEL', ARGV[8]) end
  redis.call('HSET', ARGV[5], 'n', v[1], 's', ARGV[6])
  redis.call('PEXPIRE', ARGV[5], ARGV[7])
  if redis.call('EXISTS', slot) == 1 then redis.call('HSET', slot, 'c', 0) end
  return {used, 0}
end
if ARGV[2] == 'refund' then used = used - 1 end
if ARGV[2] == 'exhausted' then used = max end
if ARGV[2] == 'wrong' and ARGV[4] ~= '' then used = math.max(used, max - tonumber(ARGV[4])) end
redis.call('HSET', KEYS[1], 'a', used, 'b', 0, 't', '')
if ARGV[2] == 'dead' and tonumber(v[6]) > now then
  redis.call('HSET', KEYS[1], 'x', now)
  redis.call('PEXPIREAT', KEYS[1], now + ${RESEND_GRACE_MS})
end
return {used, locked}`,

  /** key, previous fingerprint, channel, template, sealed pinId, fingerprint, ttl -> done */
  replacePinScript: `${CLOCK}
if redis.call('HGET', KEYS[1], 'f') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'c', ARGV[2])
if ARGV[5] == ARGV[1] then return 1 end
local expiry = now + tonumber(ARGV[6])
redis.call('HSET', KEYS[1], 'm', ARGV[3], 'p', ARGV[4], 'f', ARGV[5], 'a', 0, 'x', expiry, 'b', 0)
redis.call('PEXPIREAT', KEYS[1], expiry + ${RESEND_GRACE_MS})
return 1`,
} as const;
