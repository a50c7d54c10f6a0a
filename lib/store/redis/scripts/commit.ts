import { CLOCK, SUBJECT } from './parts';

/** key of a subject in a scope, token -> standing. The message left: the next cooldown is longer. */
export const COMMIT_MESSAGE = `${CLOCK}${SUBJECT}
local m = message_of(KEYS[1])
if m.token == ARGV[1] then
  redis.call('HSET', KEYS[1], 'c', m.messages + 1)
  redis.call('HDEL', KEYS[1], 't', 'a', 'b')
end
return cjson.encode(standing(KEYS[1]))`;

/** key of a subject in a scope. The code was right: its wrong codes are forgotten, and its cooldowns start from the first. */
export const COMMIT_SUCCESS = `${CLOCK}${SUBJECT}
forget_wrong_codes(KEYS[1])
if redis.call('HEXISTS', KEYS[1], 'c') == 1 then redis.call('HSET', KEYS[1], 'c', 0) end
return 1`;
