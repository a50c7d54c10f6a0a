import { refusalError } from '@/lib/limits/refusals';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Standing } from '@/lib/store/verifications';
import type { Caller } from './caller';
import { type Delivery, deliver } from './deliver';
import type { Dependencies } from './dependencies';
import { knownDevice } from './device';
import { createToken, keyOf } from './token';

/** What a method starts a verification with. */
interface Start {
  readonly subject: string;
  readonly method: string;
  readonly ttlMs: number;
  readonly send: () => Promise<Delivery>;
}

/** The token that the client gets, and where the subject stands. */
interface Started {
  readonly verificationToken: string;
  readonly standing: Standing;
}

/**
 * Sends a challenge to a subject and starts a verification of it. The client's previous verification is dropped.
 * @throws {AppError} RATE_LIMITED, NUMBER_LOCKED, STORE_UNAVAILABLE, or that of the method
 */
export async function startVerification(
  { verifications, limits, privacy }: Dependencies,
  { subject, method, ttlMs, send }: Start,
  caller: Caller,
  log: RequestLog,
): Promise<Started> {
  const device = knownDevice(privacy, caller.deviceCookie, subject);
  const reserved = await log.store(limits.reserveMessage(caller, { subject, method, device }));
  if (reserved.kind !== 'granted') throw refusalError(reserved);
  const { scope, token: challenge } = reserved;
  const verificationToken = createToken();
  const previous = caller.verificationToken;
  const { standing } = await deliver(log, reserved, send, (methodState) =>
    Promise.all([
      verifications.create(keyOf(verificationToken), { subject, method, methodState, scope, challenge, ttlMs }),
      previous !== undefined && verifications.remove(keyOf(previous)),
    ]),
  );
  return { verificationToken, standing };
}
