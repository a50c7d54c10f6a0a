import type { Channel, ResendReply } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import type { SendResult } from '@/lib/infobip/replies';
import type { VerificationRecord } from '@/lib/store/store';
import { deliver } from './deliver';
import type { Dependencies } from './dependencies';
import { assertReachable, maskPhoneNumber, toMsisdn } from './phone-number';
import { keyOf } from './verification-id';

/** With less time left a PIN is not sent again: it would expire on its way. */
const MIN_REMAINING_MS = 60_000;

/** Whether the PIN that was sent before still serves, by that channel. */
function samePinServes({ config, now }: Dependencies, record: VerificationRecord, channel: Channel): boolean {
  return (
    record.expiresAt - now() >= MIN_REMAINING_MS &&
    record.attemptsUsed < config.pin.maxAttempts &&
    record.messageId === config.infobip.messageIds[channel]
  );
}

/** A message with the same PIN where it serves, in Infobip's eyes too; else with a new one. */
async function message(dependencies: Dependencies, record: VerificationRecord, channel: Channel): Promise<SendResult> {
  const { twoFactor } = dependencies;
  if (samePinServes(dependencies, record, channel)) {
    const result = await twoFactor.resend(channel, record.infobipPinId);
    if (result.kind !== 'pin-ended') return result;
  }
  return twoFactor.send(channel, toMsisdn(record.phoneNumber));
}

/**
 * Sends the code of a verification again: the same PIN, or a new one where that cannot serve, which then is the only one
 * that counts.
 * @param requested default: the channel used before
 * @throws {AppError} PIN_NOT_FOUND, PHONE_NUMBER_NOT_SUPPORTED, RATE_LIMITED, NOT_DELIVERED or UPSTREAM_…
 */
export async function resendCode(
  dependencies: Dependencies,
  verificationId: string,
  requested: Channel | undefined,
): Promise<ResendReply> {
  const { config, store, now } = dependencies;
  const key = keyOf(verificationId);
  const record = await store.find(key);
  if (!record) throw new AppError('PIN_NOT_FOUND');
  const channel = requested ?? record.channel;
  assertReachable(record.phoneNumber, channel);

  const { infobipPinId, cooldownMs } = await deliver(dependencies, record.phoneNumber, () =>
    message(dependencies, record, channel),
  );
  const newPin = infobipPinId !== record.infobipPinId;
  const remainingMs = newPin ? config.pin.ttlSeconds * 1000 : Math.max(0, record.expiresAt - now());
  const expiresAt = now() + remainingMs;
  const messageId = newPin ? config.infobip.messageIds[channel] : record.messageId;
  // Verified, or given another PIN, while this message was under way: that counts, this does not.
  const replaced = await store.replacePin(key, record.infobipPinId, { channel, messageId, infobipPinId, expiresAt });
  if (!replaced) throw new AppError('PIN_NOT_FOUND');

  return {
    message: newPin ? 'A new OTP was sent. Earlier ones no longer count.' : 'OTP sent successfully.',
    to: maskPhoneNumber(record.phoneNumber),
    channel,
    pinLength: config.pin.length,
    expiresInSeconds: Math.floor(remainingMs / 1000),
    resendInSeconds: Math.ceil(cooldownMs / 1000),
    newPin,
  };
}
