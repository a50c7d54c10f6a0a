import { CLOCK, CREDIT, SUBJECT, WINDOWS } from './parts';
import { ASK } from './terms';

/** key of a subject in a scope, token -> standing. The message left: the next cooldown is longer. */
export const COMMIT_MESSAGE = `${CLOCK}${WINDOWS}${SUBJECT}
local m = message_of(KEYS[1])
if m.token == ARGV[1] then
  redis.call('HSET', KEYS[1], 'c', m.messages + 1)
  redis.call('HDEL', KEYS[1], 't', 'a', 'b')
end
return cjson.encode(standing(KEYS[1]))`;

/**
 * key of a subject in a scope; ask {devices, the key of all its devices, or network, a stranger's; credit with
 * isStranger; destination; method}. The code was correct: the script forgets the scope's wrong codes and starts its
 * cooldowns over. It takes the attempt out of the counts of devices and guesses, and gives credit back.
 */
export const COMMIT_SUCCESS = `${CLOCK}${WINDOWS}${CREDIT}${SUBJECT}${ASK}if ask.devices then release_window(ask.devices, T.deviceLock.field, T.deviceLock, now) end
for _, row in ipairs(ask.network and T.numberByNetwork or {}) do
  if row.isReturned then release_window(KEYS[1], row.field .. ' ' .. ask.network, row, now) end
end
forget_wrong_codes(KEYS[1])
if redis.call('HEXISTS', KEYS[1], 'c') == 1 then redis.call('HSET', KEYS[1], 'c', 0) end
if ask.credit then refill(ask.credit, ask.destination, ask.method, ask.credit.isStranger) end
return 1`;

/** a key of the group; ask {credit, destination, method}: gives back the credit of one group of keys. */
export const REFILL = `${CLOCK}${WINDOWS}${CREDIT}${ASK}refill(ask.credit, ask.destination, ask.method, ask.credit.isStranger)
return 1`;
