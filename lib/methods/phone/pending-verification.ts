import type { PendingVerification } from '@/lib/contract';
import { type Caller, isAskedBy } from '@/lib/verification/caller';
import type { Dependencies } from '@/lib/verification/dependencies';
import { isStartedHere } from '@/lib/verification/started-here';
import { keyOf } from '@/lib/verification/token';
import { channelOf, isCallOffered } from './channels';
import { formatPhoneNumber, maskPhoneNumber } from './phone-number';

/** The state of a client's verification, to show its screen again; undefined if there is none. Sends nothing. */
export async function pendingVerification(
  dependencies: Dependencies,
  client: Pick<Caller, 'verificationToken' | 'startMark' | 'program' | 'login'>,
): Promise<PendingVerification | undefined> {
  const { config, privacy, verifications } = dependencies;
  const { verificationToken } = client;
  const record = verificationToken === undefined ? undefined : await verifications.find(keyOf(verificationToken));
  if (!record || !isAskedBy(record.context, client)) return undefined;
  return {
    to: isStartedHere(privacy, client) ? formatPhoneNumber(record.subject) : maskPhoneNumber(record.subject),
    channel: channelOf(record),
    pinLength: config.pin.length,
    expiresInSeconds: Math.floor(record.remainingMs / 1000),
    resendInSeconds: Math.ceil(record.waitMs / 1000),
    callOffered: isCallOffered(record.subject, record, dependencies),
    attemptsRemaining: Math.max(0, config.pin.maxAttempts - record.attemptsUsed),
  };
}
