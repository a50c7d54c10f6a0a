import { SUBJECT_KEYS } from '@/lib/store/redis/keys';
import { CLOCK, CREDIT, SUBJECT, VERIFICATION, WINDOWS } from './parts';
import { ASK } from './terms';

/**
 * Undoes a reservation, if its token is still the one in flight, as if nobody had asked. Entries that this leaves empty
 * disappear.
 *
 * ask: as in the reservation, with taken {group = credit} and isNewCountry from its reply, and takenAt if an earlier
 * step has reported it. Without a subject, the verification names it. The script can undo a reservation whose reply
 * never came, except for the credit taken, which only the reply states. Reply: the time of the reservation; 0 if it is
 * no longer in flight and the script did nothing.
 */
export const RELEASE = `${CLOCK}${WINDOWS}${CREDIT}${SUBJECT}${VERIFICATION}${ASK}local method = ask.method
local subject = ask.subject
local taken_at = ask.takenAt
local destination = ask.destination
local attempt = ask.verification and ask.verification.attempt
local v = ask.verification and verification(ask.verification.key)
if v then
  method = method or v.method
  if v.destination and not destination then destination = cjson.decode(v.destination) end
end
if subject and not subject.tag then
  if not v then return 0 end
  subject.tag = subject_tag(v)
  subject.scope = v.scope
end
local key = subject and subject_key(subject.tag, scope_of(subject))

if attempt then
  local held = redis.call('HMGET', ask.verification.key, 't', 'r')
  if held[1] ~= ask.token then return 0 end
  taken_at = tonumber(held[2])
  redis.call('HINCRBY', ask.verification.key, 'a', -1)
  redis.call('HSET', ask.verification.key, 't', '', 'b', 0)
end
if subject and subject.message then
  local m = message_of(key)
  if m.token ~= ask.token then return 0 end
  taken_at = m.takenAt
  redis.call('HDEL', key, 't', 'a', 'b')
  if m.messages == 0 then redis.call('HDEL', key, 'c', 'm', 'x')
  else redis.call('HSET', key, 'x', text(taken_at)) end
end
if not taken_at then return 0 end

if subject and ask.pass then
  local pass_key = subject.tag .. '${SUBJECT_KEYS.pass}' .. ask.pass.id
  if redis.call('GET', pass_key) == ask.token then redis.call('DEL', pass_key) end
end
if subject then
  subject_rows(subject, scope_of(subject), method, function(at, row, field) release_window(at, field, row, taken_at) end)
end
if subject and subject.lock then
  local s = redis.call('HMGET', key, 'w', 'l')
  local wrong, locks = math.max(0, (tonumber(s[1]) or 0) - 1), tonumber(s[2]) or 0
  if wrong < subject.lock.every * locks then
    locks = locks - 1
    redis.call('HSET', key, 'u', 0)
  end
  if wrong == 0 then forget_wrong_codes(key)
  elseif s[1] then redis.call('HSET', key, 'w', wrong, 'l', locks) end
end
for _, group in ipairs(ask.shared) do
  for _, row in ipairs(group.rows) do if counts(row, method) then release_window(group.key, row.field, row, taken_at) end end
end
if ask.credit and destination then
  local taken = ask.taken or {}
  local is_stranger = ask.credit.isStranger
  if subject then is_stranger = scope_of(subject) == 'strangers' end
  local account = account_of(ask.credit, destination, method, is_stranger)
  if taken.waits and account.tag then add_waits(account, ask.credit) end
  for _, one in ipairs(account.charges) do
    if taken[one.group] then put_credit(one.key, one.row, tonumber(taken[one.group])) end
  end
  for _, cap in ipairs(account.caps) do release_window(cap.key, cap.row.field, cap.row, taken_at) end
end
for _, pool in ipairs(pools_of(ask, method, destination, ask.isNewCountry, nil)) do
  for _, row in ipairs(pool.rows) do release_window(pool.key, row.field, row, taken_at) end
end
return taken_at`;
