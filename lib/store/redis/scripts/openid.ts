import { CLOCK } from './parts';

/** the set, key of a login or a pushed request, lifetime, how many the set may hold -> whether it holds this one */
export const ADMIT_LOGIN = `${CLOCK}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
local ends = now + tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], text(ends), ARGV[1])
live_until(KEYS[1], ends)
return 1`;

/** key, encrypted value, lifetime */
export const PUT_OPENID = `
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'v', ARGV[1])
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** key -> whether it existed and was not consumed */
export const CONSUME_OPENID = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'c', '1')`;
