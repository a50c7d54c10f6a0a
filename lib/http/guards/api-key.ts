import { AppError } from '@/lib/errors';
import { isBrowser } from '@/lib/http/guards/same-origin';
import type { Guard, RouteCall } from '@/lib/http/route';

/** The key of a request. Browsers have none: in this header they send the password of a proxy in front of the page. */
const keyIn = ({ request: { headers } }: RouteCall): string | undefined =>
  isBrowser(headers) ? undefined : headers.authorization;

/**
 * Drops what the cookies of a program say about verifications and sessions. An HTTP client may keep one set of cookies
 * for all users of a program, so one person's send could end another's verification. A GET has no other place for the
 * token.
 */
const cookiesOf = ({ request, caller }: RouteCall) =>
  request.method === 'GET' || request.method === 'HEAD'
    ? caller
    : { ...caller, verificationToken: undefined, startMark: undefined, sessionToken: undefined };

/**
 * Finds the program whose key a request carries. Refuses nobody. List it before `floodShield`, which lets such programs
 * pass.
 */
export const identifyProgram: Guard = (call) => {
  const { services, log } = call;
  const key = keyIn(call);
  const holder = key === undefined ? undefined : services.apiKeys?.holderOf(key);
  if (!holder) return;
  call.keyHolder = holder;
  call.caller = { ...cookiesOf(call), program: holder };
  log.note({ client: holder.id });
};

/**
 * Refuses programs with API_KEY_REQUIRED if their key is unknown, or if they have none and the configuration requires
 * one. A GET needs no key, because reading a verification needs its token and costs nothing.
 */
export const requireKey: Guard = (call) => {
  const { request, response, services, keyHolder } = call;
  if (keyHolder || isBrowser(request.headers)) return;
  const hasKey = services.apiKeys !== undefined && keyIn(call) !== undefined;
  const needsKey = services.config.apiAccess === 'keys' && request.method === 'POST';
  if (!hasKey && !needsKey) return;
  response.setHeader('WWW-Authenticate', 'Basic realm="API", charset="UTF-8"');
  throw new AppError('API_KEY_REQUIRED', { cause: hasKey ? 'unknown key' : 'no key' });
};
