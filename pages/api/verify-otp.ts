import type { VerifyReply, VerifyRequest } from '@/lib/contract';
import { withPinId } from '@/lib/http/caller';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { onBehalf } from '@/lib/http/guards/on-behalf';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { assertNamed, finishLogin } from '@/lib/http/login-verification';
import { present } from '@/lib/http/present';
import { checkRedirect } from '@/lib/http/redirect-to';
import { type RouteCall, route } from '@/lib/http/route';
import { verifyRequest } from '@/lib/http/schemas';
import { type Success, verifyCode } from '@/lib/methods/phone/verify-code';
import { getServices } from '@/lib/services';
import { endSession } from '@/lib/verification/session';

export const config = { api: { bodyParser: false } };

/**
 * Calls `onVerified`, and ends the login at another application, if there is one. If that fails, the client gets neither cookies nor a session, and no webhook tells of a success.
 * @returns where the person goes next, if it says so
 */
async function act({ services, request, response, logger, log, login }: RouteCall, success: Success) {
  const { verified, sessionToken, context } = success;
  let next: Partial<VerifyReply> = {};
  try {
    const to = (await services.onVerified(verified, { request, response, logger }))?.redirectTo;
    if (login) next = await finishLogin(login, success, log);
    else if (to !== undefined) next = { redirectTo: checkRedirect(to, services.config) };
  } catch (error) {
    response.removeHeader('Set-Cookie');
    // Nobody has its token, so the session expires even if this call fails.
    await log.store(endSession(services, sessionToken)).catch(() => undefined);
    throw error;
  }
  const { phoneNumber, country, channel, proofId, client } = verified;
  // The event leaves for the queue before the reply leaves for the client.
  services.webhooks?.send('verification.succeeded', {
    phoneNumber,
    country,
    channel,
    proofId,
    client,
    purpose: context?.purpose,
  });
  log.note({ proofId });
  log.event('number.verified');
  return next;
}

/** Checks a code. */
export default route<VerifyRequest>({
  path: '/api/verify-otp',
  services: getServices,
  step: 'verify',
  errorFields: { verified: false },
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    methods('POST'),
    requireKey,
    login,
    jsonOrForm(verifyRequest, 'code'),
    onBehalf,
  ],
  async handle(call): Promise<VerifyReply> {
    const { services, body, log, login } = call;
    const caller = withPinId(call.caller, login ? undefined : body.pinId);
    const success = await verifyCode(services, body.pin, caller, log);
    assertNamed(login, success);
    const { phoneNumber } = success.verified;
    // Set the cookies before `onVerified`, which may send its own response.
    const reply = present<VerifyReply>(call, {
      reply: { verified: true, message: 'OTP verified successfully.', phoneNumber },
      cookies: {
        verification: null,
        ...(caller.startMark !== undefined && { 'started-here': null }),
        // A number that another application named stays hidden, here too.
        ...(!login?.client.isNumberFixed && { 'phone-session': success.sessionToken }),
        device: success.deviceCookie,
      },
      // The application of a login gets a token instead.
      forPrograms: login ? {} : { proof: success.proof.jwt },
    });
    return { ...reply, ...(await act(call, success)) };
  },
});
