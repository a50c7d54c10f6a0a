import type { SendReply, SendRequest } from '@/lib/contract';
import type { RequestLog } from '@/lib/observability/request-log';
import type { VerificationContext } from '@/lib/store/verifications';
import type { Caller } from '@/lib/verification/caller';
import { startVerification } from '@/lib/verification/start';
import { isCallOffered } from './channels';
import type { PhoneDependencies } from './dependencies';
import {
  assertNotBlocked,
  assertReachable,
  maskPhoneNumber,
  numberLogFields,
  parsePhoneNumber,
  toMsisdn,
} from './phone-number';
import { deliveryOf } from './pin';
import { destinationOf } from './prices';

/** A sent code: what the client learns of it, and the client's token. */
export interface Sent<Reply extends SendReply = SendReply> {
  readonly verificationToken: string;
  /** E.164. */
  readonly phoneNumber: string;
  readonly reply: Reply;
}

/**
 * Sends a code to a number and starts a verification of it, which replaces the client's previous one.
 * @param context kept with the verification, and returned by `verifyCode`
 * @throws {AppError} INVALID_PHONE_NUMBER, PHONE_NUMBER_NOT_SUPPORTED, RATE_LIMITED, CHALLENGE_REQUIRED, NUMBER_LOCKED,
 * NOT_DELIVERED, UPSTREAM_… or STORE_UNAVAILABLE
 */
export async function sendCode(
  dependencies: PhoneDependencies,
  request: SendRequest,
  caller: Caller,
  log: RequestLog,
  context?: VerificationContext,
): Promise<Sent> {
  const { config, twoFactor, privacy, blocklist } = dependencies;
  const channel = request.channel ?? 'sms';
  log.note({ channel });
  const phoneNumber = parsePhoneNumber(request.phoneNumber, request.country);
  const { e164, country } = phoneNumber;
  log.note(numberLogFields(privacy, e164, country));
  assertReachable(phoneNumber, channel, config);
  assertNotBlocked(e164, blocklist);
  const messageId = config.infobip.messageIds[channel][request.language ?? 'en'];
  const ttlMs = config.pin.ttlSeconds * 1000;
  const to = { msisdn: toMsisdn(e164), country, placeholders: context?.placeholders };
  const send = async () => deliveryOf(await twoFactor.send(channel, messageId, to), messageId);

  const destination = destinationOf(phoneNumber, config);
  const start = { subject: e164, method: channel, destination, context, ttlMs, solution: request.solution, send };
  const { verificationToken, standing } = await startVerification(dependencies, start, caller, log);

  const reply: SendReply = {
    message: 'OTP sent successfully.',
    to: maskPhoneNumber(e164),
    channel,
    pinLength: config.pin.length,
    expiresInSeconds: config.pin.ttlSeconds,
    resendInSeconds: Math.ceil(standing.waitMs / 1000),
    callOffered: isCallOffered(e164, standing, dependencies),
  };
  return { verificationToken, phoneNumber: e164, reply };
}
