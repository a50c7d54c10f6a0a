import type { PendingVerification } from '@/lib/contract';
import type { Dependencies } from '@/lib/verification/dependencies';
import { keyOf } from '@/lib/verification/token';
import { isCallOffered } from './call-offer';
import { maskPhoneNumber } from './phone-number';

/** The state of a client's verification, for showing its screen again; undefined where there is none. Sends nothing. */
export async function pendingVerification(
  { config, store }: Dependencies,
  verificationId: string | undefined,
): Promise<PendingVerification | undefined> {
  const record = verificationId === undefined ? undefined : await store.find(keyOf(verificationId));
  if (!record) return undefined;
  return {
    to: maskPhoneNumber(record.phoneNumber),
    channel: record.channel,
    pinLength: config.pin.length,
    expiresInSeconds: Math.floor(record.remainingMs / 1000),
    resendInSeconds: Math.ceil(record.waitMs / 1000),
    callOffered: isCallOffered(record.phoneNumber, record, config),
    attemptsRemaining: Math.max(0, config.pin.maxAttempts - record.attemptsUsed),
  };
}
