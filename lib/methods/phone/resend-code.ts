import type { Config } from '@/lib/config/config';
import { languageOf } from '@/lib/config/message-templates';
import type { Channel, ResendReply, ResendRequest } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import type { SendResult } from '@/lib/infobip/replies';
import type { RequestLog } from '@/lib/observability/request-log';
import type { VerificationRecord } from '@/lib/store/verifications';
import { type Caller, isAskedBy } from '@/lib/verification/caller';
import { resendVerification } from '@/lib/verification/resend';
import { channelOf, isCallOffered } from './channels';
import type { PhoneDependencies } from './dependencies';
import {
  assertNotBlocked,
  assertReachable,
  maskPhoneNumber,
  numberLogFields,
  parsePhoneNumber,
  toMsisdn,
} from './phone-number';
import { deliveryOf, type PinState, readPinState } from './pin';
import type { Sent } from './send-code';

/** A PIN with less time left is not sent again, because it would expire on its way. */
const MIN_REMAINING_MS = 60_000;

/** The properties of a message. */
interface Message {
  readonly channel: Channel;
  readonly messageId: string;
}

/** The requested message. What the request leaves open stays as before, as far as there is a template for it. */
function messageFor({ infobip }: Config, record: VerificationRecord, pin: PinState, asked: ResendRequest): Message {
  const before = channelOf(record);
  const channel = asked.channel ?? before;
  const templates = infobip.messageIds[channel];
  const serves = asked.language === undefined && Object.values(templates).includes(pin.messageId);
  if (serves) return { channel, messageId: pin.messageId };
  const language = asked.language ?? languageOf(infobip.messageIds[before], pin.messageId);
  return { channel, messageId: templates[language] };
}

/** Whether the earlier PIN still works: a template can repeat only its own PINs. */
const samePinServes = ({ pin }: Config, record: VerificationRecord, isSameTemplate: boolean): boolean =>
  isSameTemplate && record.remainingMs >= MIN_REMAINING_MS && record.attemptsUsed < pin.maxAttempts;

/**
 * Sends a message with the same PIN if both we and Infobip still accept it; otherwise with a new one.
 * @throws {AppError} PHONE_NUMBER_NOT_SUPPORTED, before anything is sent
 */
async function sendAgain(
  { config, twoFactor, blocklist }: PhoneDependencies,
  record: VerificationRecord,
  pin: PinState,
  { channel, messageId }: Message,
): Promise<SendResult> {
  const phoneNumber = parsePhoneNumber(record.subject);
  assertReachable(phoneNumber, channel, config);
  assertNotBlocked(record.subject, blocklist);
  const to = { msisdn: toMsisdn(record.subject), placeholders: record.context?.placeholders };
  if (samePinServes(config, record, pin.messageId === messageId)) {
    const result = await twoFactor.resend(channel, pin.infobipPinId, to);
    if (result.kind !== 'pin-ended') return result;
  }
  return twoFactor.send(channel, messageId, { ...to, country: phoneNumber.country });
}

const isSamePin = (record: VerificationRecord, methodState: string): boolean =>
  readPinState(record.methodState).infobipPinId === readPinState(methodState).infobipPinId;

/**
 * Sends the code of a verification again: the same PIN or, if that no longer works, a new one. After that, only the new
 * one counts.
 * @param asked what the client requested; default: channel and template as before
 * @throws {AppError} MISSING_PIN_ID, PIN_NOT_FOUND, PHONE_NUMBER_NOT_SUPPORTED, RATE_LIMITED, CHALLENGE_REQUIRED,
 * NUMBER_LOCKED, NOT_DELIVERED, UPSTREAM_… or STORE_UNAVAILABLE
 */
export async function resendCode(
  dependencies: PhoneDependencies,
  asked: ResendRequest,
  caller: Caller,
  log: RequestLog,
): Promise<Sent<ResendReply>> {
  const { config, privacy } = dependencies;
  const ttlMs = config.pin.ttlSeconds * 1000;
  const again = {
    method: asked.channel,
    ttlMs,
    solution: asked.solution,
    note: (record: VerificationRecord) =>
      log.note({ channel: asked.channel ?? record.method, ...numberLogFields(privacy, record.subject) }),
    isSame: isSamePin,
    async send(record: VerificationRecord) {
      if (!isAskedBy(record.context, caller)) throw new AppError('PIN_NOT_FOUND');
      const pin = readPinState(record.methodState);
      const message = messageFor(config, record, pin, asked);
      return deliveryOf(await sendAgain(dependencies, record, pin, message), message.messageId);
    },
  };
  const { verificationToken, record, standing, isNew } = await resendVerification(dependencies, again, caller, log);

  const reply: ResendReply = {
    message: isNew ? 'A new OTP was sent. Earlier ones no longer count.' : 'OTP sent successfully.',
    to: maskPhoneNumber(record.subject),
    channel: asked.channel ?? channelOf(record),
    pinLength: config.pin.length,
    expiresInSeconds: Math.floor((isNew ? ttlMs : record.remainingMs) / 1000),
    resendInSeconds: Math.ceil(standing.waitMs / 1000),
    callOffered: isCallOffered(record.subject, standing, dependencies),
    newPin: isNew,
  };
  return { verificationToken, phoneNumber: record.subject, reply };
}
