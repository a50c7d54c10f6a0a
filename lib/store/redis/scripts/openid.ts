/** key, encrypted value, lifetime */
export const PUT_OPENID = `
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'v', ARGV[1])
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** key -> whether it existed and was not consumed */
export const CONSUME_OPENID = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'c', '1')`;
