/** key, subject's pseudonym, encrypted proof, lifetime */
export const OPEN_SESSION = `
redis.call('HSET', KEYS[1], 'n', ARGV[1], 's', ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[3])`;
