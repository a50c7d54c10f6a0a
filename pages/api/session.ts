import { AppError } from '@/lib/errors';
import { clearCookie } from '@/lib/http/cookies';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { type RouteCall, route } from '@/lib/http/route';
import { getServices } from '@/lib/services';
import { endSession, findSession, sessionReply } from '@/lib/verification/session';

export const config = { api: { bodyParser: false } };

async function show({ services, caller, log }: RouteCall) {
  const session = await log.store(findSession(services, caller.sessionToken));
  if (!session) throw new AppError('NO_SESSION');
  return sessionReply(session);
}

async function end({ services, response, caller, log }: RouteCall) {
  await log.store(endSession(services, caller.sessionToken));
  clearCookie(response, services.config, 'phone-session');
  return undefined;
}

/** The number that this browser has verified; DELETE ends the session. */
export default route({
  path: '/api/session',
  services: getServices,
  guards: [sameOrigin, floodShield, methods('GET', 'DELETE')],
  handle: (call) => (call.request.method === 'DELETE' ? end(call) : show(call)),
});
