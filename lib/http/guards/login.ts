import { callerIn, openLogin } from '@/lib/http/login';
import type { Guard } from '@/lib/http/route';

/**
 * Finds the login at another application that a request of the page belongs to, by `login` in the query. Refuses with
 * LOGIN_NOT_FOUND. In a login, an API key has no effect. Its quota does not count the messages, so its program must not
 * choose the address that the rate limits count.
 */
export const login: Guard = (call) => {
  const { services, request } = call;
  const { login: token } = request.query;
  if (token === undefined) return undefined;
  return call.log.store(openLogin(services, request, String(token))).then((found) => {
    call.login = found;
    call.keyHolder = undefined;
    call.caller = callerIn(found, call.caller, request, services);
    call.log.note({ client: found.client.id });
  });
};
