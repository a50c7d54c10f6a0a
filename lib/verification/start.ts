import { AppError } from '@/lib/errors';
import type { Reservation } from '@/lib/limits/reservation';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Destination, Standing, VerificationContext } from '@/lib/store/verifications';
import type { Caller } from './caller';
import { refusalOf } from './challenge';
import type { Dependencies } from './dependencies';
import { knownDevice } from './device';
import { createToken, keyOf } from './token';

/** The outcome of a method's message. */
export type Delivery =
  | {
      readonly kind: 'sent';
      /** State that the method keeps for the check. */
      readonly methodState: string;
    }
  | {
      readonly kind: 'failed';
      /** Only a definite failure leaves the subject free to get another message. */
      readonly maybeSent: boolean;
      /** @param waitMs until another message is allowed */
      readonly error: (waitMs: number) => AppError;
    };

/**
 * Sends the message for which there is a reservation. Of any number of parallel messages to a subject, only one gets a
 * reservation. If the message left or may have left, the subject's cooldown runs; otherwise it causes no wait. If the
 * guard only records, the log says what the guard would have done.
 * @param send an AppError thrown here means that nothing was sent; after any other error the reservation stays until it
 * lapses
 * @param keep stores the result of a message that left
 * @returns what was kept, and the subject's standing after that
 * @throws {AppError} that of `send`
 */
export async function deliver<Kept>(
  log: RequestLog,
  reservation: Reservation,
  send: () => Promise<Delivery>,
  keep: (methodState: string) => Promise<Kept>,
): Promise<{ kept: Kept; standing: Standing }> {
  const { objection } = reservation;
  if (objection) log.note({ guardVerdict: objection.verdict, guardReason: objection.by });
  let delivery: Delivery;
  try {
    delivery = await log.upstream(send());
  } catch (error) {
    if (error instanceof AppError) await log.store(reservation.release());
    throw error;
  }
  if (delivery.kind === 'sent') {
    const [standing, kept] = await log.store(Promise.all([reservation.commit('sent'), keep(delivery.methodState)]));
    return { kept, standing: standing ?? { waitMs: 0, messages: 0 } };
  }
  if (!delivery.maybeSent) {
    await log.store(reservation.release());
    throw delivery.error(0);
  }
  const standing = await log.store(reservation.commit('sent'));
  throw delivery.error(standing?.waitMs ?? 0);
}

/** The inputs of a method's start. */
interface Start {
  readonly subject: string;
  readonly method: string;
  /** Undefined if messages cost nothing. */
  readonly destination?: Destination | undefined;
  readonly context?: VerificationContext | undefined;
  readonly ttlMs: number;
  /** The solution of a challenge, as it arrived. */
  readonly solution: string | undefined;
  readonly send: () => Promise<Delivery>;
}

/** The client's token, and the subject's standing. */
interface Started {
  readonly verificationToken: string;
  readonly standing: Standing;
}

/**
 * Sends a challenge to a subject and starts a verification of it, which replaces the client's previous one.
 * @throws {AppError} RATE_LIMITED, CHALLENGE_REQUIRED, NUMBER_LOCKED, STORE_UNAVAILABLE, or that of the method
 */
export async function startVerification(
  { verifications, limits, privacy, challenges }: Dependencies,
  { subject, method, destination, context, ttlMs, solution, send }: Start,
  caller: Caller,
  log: RequestLog,
): Promise<Started> {
  const device = knownDevice(privacy, caller.deviceCookie, subject);
  const message = { kind: 'send', to: subject, method } as const;
  const pass = await challenges.check(solution, message);
  if (pass) log.note({ challenge: pass.kind });
  const reserved = await log.store(limits.reserveMessage(caller, { subject, method, device, destination, pass }));
  if (reserved.kind !== 'granted') throw await refusalOf(challenges, reserved, message, solution);
  const { scope, token: challenge } = reserved;
  const verificationToken = createToken();
  const previous = caller.verificationToken;
  const { standing } = await deliver(log, reserved, send, (methodState) =>
    Promise.all([
      verifications.create(keyOf(verificationToken), {
        subject,
        method,
        methodState,
        scope,
        destination,
        context,
        challenge,
        ttlMs,
      }),
      previous !== undefined && verifications.remove(keyOf(previous)),
    ]),
  );
  return { verificationToken, standing };
}
