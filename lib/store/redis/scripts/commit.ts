import { CLOCK, SUBJECT, WINDOWS } from './parts';

/** key of a subject in a scope, token -> standing. The message left: the next cooldown is longer. */
export const COMMIT_MESSAGE = `${CLOCK}${WINDOWS}${SUBJECT}
local m = message_of(KEYS[1])
if m.token == ARGV[1] then
  redis.call('HSET', KEYS[1], 'c', m.messages + 1)
  redis.call('HDEL', KEYS[1], 't', 'a', 'b')
end
return cjson.encode(standing(KEYS[1]))`;

/**
 * key of a subject in a scope, key of all its devices or '', row of their wrong codes. The code was right: wrong codes of the scope are
 * forgotten, its cooldowns start from the first, and the devices' count is as before the attempt.
 */
export const COMMIT_SUCCESS = `${CLOCK}${WINDOWS}${SUBJECT}
if ARGV[1] ~= '' then
  local row = cjson.decode(ARGV[2])
  release_window(ARGV[1], row.field, row, now)
end
forget_wrong_codes(KEYS[1])
if redis.call('HEXISTS', KEYS[1], 'c') == 1 then redis.call('HSET', KEYS[1], 'c', 0) end
return 1`;
