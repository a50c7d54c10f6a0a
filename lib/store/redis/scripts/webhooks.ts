import { KEYS } from '@/lib/store/redis/keys';
import { CLOCK } from './parts';

/**
 * A lane is a sorted set: ids of events by when they are due, those in delivery by when their lease lapses. An event is
 * a hash: n the subject's pseudonym, p the encrypted payload, c when it was created, f attempts that failed, t the
 * lease. An event that was erased or has expired leaves its lane when it would be due.
 */
const LANE = `${CLOCK}
local function key_of(id) return '${KEYS.webhook}' .. id end
local function due_at(id, ms) redis.call('ZADD', KEYS[1], text(now + ms), id) end
local function waiting() return redis.call('ZCARD', KEYS[1]) end
`;

/**
 * lane, id, how many may wait, pseudonym or '', encrypted payload, created, lifetime -> whether there was room, waiting
 */
export const ADD_WEBHOOK = `${LANE}
local key = key_of(ARGV[1])
if redis.call('EXISTS', key) == 1 then return {1, waiting()} end
if waiting() >= tonumber(ARGV[2]) then return {0, waiting()} end
redis.call('HSET', key, 'n', ARGV[3], 'p', ARGV[4], 'c', ARGV[5], 'f', 0, 't', '')
redis.call('PEXPIRE', key, ARGV[6])
due_at(ARGV[1], 0)
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return {1, waiting()}`;

/** lane, how many, lease, its duration -> due events, waiting, when the next one is due */
export const CLAIM_WEBHOOKS = `${LANE}
local due = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', 0, ARGV[1])) do
  local e = redis.call('HMGET', key_of(id), 'p', 'c', 'f')
  if e[1] then
    redis.call('HSET', key_of(id), 't', ARGV[2])
    due_at(id, tonumber(ARGV[3]))
    due[#due + 1] = {id = id, sealed = e[1], createdAt = tonumber(e[2]), failures = tonumber(e[3])}
  else redis.call('ZREM', KEYS[1], id) end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return cjson.encode({due = due, length = waiting(), nextMs = first[2] and math.max(0, tonumber(first[2]) - now)})`;

/** lane, id, lease, milliseconds until it is due again or '' if it ends */
export const SETTLE_WEBHOOK = `${LANE}
local key = key_of(ARGV[1])
if redis.call('HGET', key, 't') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('DEL', key)
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('HINCRBY', key, 'f', 1)
  redis.call('HSET', key, 't', '')
  due_at(ARGV[1], tonumber(ARGV[3]))
end
return 1`;
