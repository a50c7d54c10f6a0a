import type { SendReply, SendRequest } from '@/lib/contract';
import { deliver } from './deliver';
import type { Dependencies } from './dependencies';
import { maskPhoneNumber, parsePhoneNumber, toMsisdn } from './phone-number';
import { createVerificationId, keyOf } from './verification-id';

/** A started verification: what the client is told, and the handle it gets. */
export interface Started {
  readonly verificationId: string;
  readonly country: string | undefined;
  readonly reply: SendReply;
}

/**
 * Sends a code to a number and starts a verification of it.
 * @param previousId the client's verification before this one, which then counts no more
 * @throws {AppError} INVALID_PHONE_NUMBER, PHONE_NUMBER_NOT_SUPPORTED, RATE_LIMITED, NOT_DELIVERED or UPSTREAM_…
 */
export async function sendCode(
  dependencies: Dependencies,
  request: SendRequest,
  previousId: string | undefined,
): Promise<Started> {
  const { config, store, twoFactor, now } = dependencies;
  const channel = request.channel ?? 'sms';
  const { e164, country } = parsePhoneNumber(request.phoneNumber, request.country, channel);
  const { infobipPinId, cooldownMs } = await deliver(dependencies, e164, () => twoFactor.send(channel, toMsisdn(e164)));

  const verificationId = createVerificationId();
  await store.create(keyOf(verificationId), {
    phoneNumber: e164,
    channel,
    messageId: config.infobip.messageIds[channel],
    infobipPinId,
    attemptsUsed: 0,
    expiresAt: now() + config.pin.ttlSeconds * 1000,
  });
  if (previousId !== undefined) await store.remove(keyOf(previousId));

  const reply: SendReply = {
    message: 'OTP sent successfully.',
    to: maskPhoneNumber(e164),
    channel,
    pinLength: config.pin.length,
    expiresInSeconds: config.pin.ttlSeconds,
    resendInSeconds: Math.ceil(cooldownMs / 1000),
  };
  return { verificationId, country, reply };
}
