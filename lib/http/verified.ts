import type { FactorType, VerifyReply } from '@/lib/contract';
import type { Verified } from '@/lib/on-verified';
import type { VerificationContext } from '@/lib/store/verifications';
import type { Opened } from '@/lib/verification/open-session';
import { endSession } from '@/lib/verification/session';
import type { CookieName } from './cookies';
import { assertAccepted, assertStrongEnough, finishLogin, type Standing } from './login-verification';
import { present } from './present';
import { checkRedirect } from './redirect-to';
import type { RouteCall } from './route';

/** A number that was verified in this request, with a code or another factor. */
export interface Success extends Opened, Standing {
  readonly verified: Verified;
  /** What the verification was for. */
  readonly context: VerificationContext | undefined;
  /** Whether another factor made a code by phone unnecessary. */
  readonly isWithoutMessage?: boolean;
}

/**
 * Calls `onVerified`, and ends the login at another application, if there is one. If that fails, the client gets
 * neither cookies nor a session, and no webhook reports a success.
 * @returns where the person goes next, if `onVerified` or the login says so
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
    // Nobody has the session's token, so the session expires even if this call fails.
    await log.store(endSession(services, sessionToken)).catch(() => undefined);
    throw error;
  }
  const { phoneNumber, country, method, channel, proofId, client } = verified;
  if (success.isWithoutMessage) services.metrics.messageSaved();
  // The event leaves for the queue before the reply leaves for the client.
  services.webhooks?.send('verification.succeeded', {
    phoneNumber,
    country,
    method,
    channel,
    proofId,
    client,
    purpose: context?.purpose,
  });
  log.note({ proofId });
  log.event('number.verified');
  return next;
}

/**
 * Answers a request that verified a number: sets the cookies, calls `onVerified`, and finishes the login, if there is
 * one.
 * @param cookies more cookies to set or, with null, to clear
 * @param factors types of factors for the reply, see `VerifyReply`
 * @throws {AppError} PHONE_NUMBER_NOT_SUPPORTED if the login must not end with this number, STEP_UP_REQUIRED if it
 * takes more than a code, or the error that `onVerified` throws
 */
export async function finishVerification(
  call: RouteCall,
  success: Success,
  message: string,
  {
    cookies = {},
    factors,
  }: { cookies?: Partial<Record<CookieName, string | null>>; factors?: readonly FactorType[] } = {},
): Promise<VerifyReply> {
  const { login, services } = call;
  const { verified, proof, sessionToken, deviceCookie } = success;
  assertAccepted(login, verified.phoneNumber, services);
  // Set the cookies before `onVerified`, which may send its own response.
  const reply = present<VerifyReply>(call, {
    reply: { verified: true, message, phoneNumber: verified.phoneNumber, ...(factors && { factors: [...factors] }) },
    cookies: {
      ...cookies,
      // No session for a number that another application named, because the session would reveal it.
      ...(!login?.client.isNumberFixed && { 'phone-session': sessionToken }),
      device: deviceCookie,
    },
    // The application of a login gets an ID token instead.
    forPrograms: login ? {} : { proof: proof.jwt, ...(services.factors && { session: sessionToken }) },
  });
  // If this throws, the person still keeps the session, so the code counts together with the factor that comes next.
  if (login) assertStrongEnough(login, success);
  return { ...reply, ...(await act(call, success)) };
}
