import { RESEND_GRACE_MS } from '@/lib/store/verifications';
import { CLOCK, PIECES, SUBJECT, VERIFICATION, WINDOWS } from './parts';

/**
 * key, pseudonym, privacy key's id, encrypted record, method, scope, challenge, lifetime, key of the privacy key's mark
 * or '', its lifetime, destination or ''
 */
export const CREATE = `${CLOCK}${PIECES}
local expires = now + tonumber(ARGV[7])
redis.call('HSET', KEYS[1], 'n', ARGV[1], 'k', ARGV[2], 'm', ARGV[4], 'o', ARGV[5], 'h', ARGV[6], 'a', 0, 'x', text(expires), 'b', 0)
set_text(KEYS[1], 'p', ARGV[3])
if ARGV[10] ~= '' then set_text(KEYS[1], 'g', ARGV[10]) end
redis.call('PEXPIREAT', KEYS[1], text(expires + ${RESEND_GRACE_MS}))
if ARGV[8] ~= '' then redis.call('SET', ARGV[8], '1', 'PX', ARGV[9]) end
return 1`;

/** key, whether to include its subject's standing -> record, and standing; 'null' if there is none */
export const FIND = `${CLOCK}${WINDOWS}${SUBJECT}${VERIFICATION}
local v = verification(KEYS[1])
if not v then return 'null' end
local stands = ARGV[1] == '1' and standing(subject_key(subject_tag(v), v.scope)) or nil
return cjson.encode({record = record(v), keyId = v.keyId, standing = stands})`;

/** key of a subject in a scope -> standing */
export const STANDING = `${CLOCK}${WINDOWS}${SUBJECT}
return cjson.encode(standing(KEYS[1]))`;

/** key, challenge, outcome, max attempts, attempts remaining or '' -> attempts used; -1 if the challenge has changed */
export const SETTLE_ATTEMPT = `${CLOCK}
local v = redis.call('HMGET', KEYS[1], 'h', 'a', 'x')
if v[1] ~= ARGV[1] then return -1 end
local used, outcome, most = tonumber(v[2]), ARGV[2], tonumber(ARGV[3])
if outcome == 'verified' then
  redis.call('DEL', KEYS[1])
  return used
end
if outcome == 'exhausted' then used = most end
if outcome == 'wrong' and ARGV[4] ~= '' then used = math.max(used, most - tonumber(ARGV[4])) end
redis.call('HSET', KEYS[1], 'a', used, 'b', 0, 't', '')
if outcome == 'dead' and tonumber(v[3]) > now then
  redis.call('HSET', KEYS[1], 'x', text(now))
  redis.call('PEXPIREAT', KEYS[1], text(now + ${RESEND_GRACE_MS}))
end
return used`;

/** key, previous challenge, method, encrypted record, challenge, lifetime -> whether it was done */
export const REPLACE_CHALLENGE = `${CLOCK}${PIECES}
if redis.call('HGET', KEYS[1], 'h') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'm', ARGV[2])
if ARGV[4] == ARGV[1] then return 1 end
local expires = now + tonumber(ARGV[5])
redis.call('HSET', KEYS[1], 'h', ARGV[4], 'a', 0, 'x', text(expires), 'b', 0, 't', '')
set_text(KEYS[1], 'p', ARGV[3])
redis.call('PEXPIREAT', KEYS[1], text(expires + ${RESEND_GRACE_MS}))
return 1`;

/**
 * key, encrypted record as it was, pseudonym, privacy key's id, encrypted record: moves the verification to another
 * privacy key
 */
export const REKEY = `${PIECES}
if joined(unpack(redis.call('HMGET', KEYS[1], 'p', 'p2', 'p3'))) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'n', ARGV[2], 'k', ARGV[3])
set_text(KEYS[1], 'p', ARGV[4])
return 1`;
