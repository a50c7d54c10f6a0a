import type { Config } from '@/lib/config/config';
import { languageOf } from '@/lib/config/message-templates';
import type { Channel, ResendReply, ResendRequest } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import type { SendResult } from '@/lib/infobip/replies';
import type { RequestLog } from '@/lib/observability/request-log';
import { allowancesFor, type VerificationRecord } from '@/lib/store/store';
import type { Caller } from '@/lib/verification/caller';
import { claimAndAdmit } from '@/lib/verification/claim-and-admit';
import { deliver } from '@/lib/verification/deliver';
import { claimTerms, type Dependencies } from '@/lib/verification/dependencies';
import { refusedMessage } from '@/lib/verification/refusals';
import { keyOf } from '@/lib/verification/token';
import { isCallOffered } from './call-offer';
import { numberLogFields } from './number-log-fields';
import { assertReachable, maskPhoneNumber, parsePhoneNumber, toMsisdn } from './phone-number';

/** With less time left a PIN is not sent again: it would expire on its way. */
const MIN_REMAINING_MS = 60_000;

/** What a message is made from. */
interface Message {
  readonly channel: Channel;
  readonly messageId: string;
}

/** The message asked for; what was not asked for is as before, as far as there is a template for it. */
function messageFor({ infobip }: Config, record: VerificationRecord, asked: ResendRequest): Message {
  const channel = asked.channel ?? record.channel;
  const templates = infobip.messageIds[channel];
  const serves = asked.language === undefined && Object.values(templates).includes(record.messageId);
  if (serves) return { channel, messageId: record.messageId };
  const language = asked.language ?? languageOf(infobip.messageIds[record.channel], record.messageId);
  return { channel, messageId: templates[language] };
}

/** Whether the PIN that was sent before still serves: a template repeats its own only. */
const samePinServes = ({ pin }: Config, record: VerificationRecord, messageId: string): boolean =>
  record.remainingMs >= MIN_REMAINING_MS && record.attemptsUsed < pin.maxAttempts && record.messageId === messageId;

/**
 * A message with the same PIN where it serves, in Infobip's eyes too; else with a new one.
 * @throws {AppError} PHONE_NUMBER_NOT_SUPPORTED, before anything is sent
 */
async function sendAgain(
  { config, twoFactor }: Dependencies,
  record: VerificationRecord,
  { channel, messageId }: Message,
): Promise<SendResult> {
  assertReachable(parsePhoneNumber(record.phoneNumber), channel, config);
  if (samePinServes(config, record, messageId)) {
    const result = await twoFactor.resend(channel, record.infobipPinId, toMsisdn(record.phoneNumber));
    if (result.kind !== 'pin-ended') return result;
  }
  return twoFactor.send(channel, messageId, toMsisdn(record.phoneNumber));
}

/**
 * Sends the code of a verification again: the same PIN, or a new one where that cannot serve, which then is the only one
 * that counts.
 * @param asked default: channel and template as before
 * @throws {AppError} MISSING_PIN_ID, PIN_NOT_FOUND, PHONE_NUMBER_NOT_SUPPORTED, RATE_LIMITED, NUMBER_LOCKED, NOT_DELIVERED, UPSTREAM_… or
 * STORE_UNAVAILABLE
 */
export async function resendCode(
  dependencies: Dependencies,
  asked: ResendRequest,
  { verificationToken: verificationId, address }: Caller,
  log: RequestLog,
): Promise<{ verificationId: string; reply: ResendReply }> {
  const { config, store, rateLimits, privacy } = dependencies;
  if (verificationId === undefined) throw new AppError('MISSING_PIN_ID');
  const key = keyOf(verificationId);
  const terms = claimTerms(config);
  const [claimed, admission] = await claimAndAdmit(
    store.claimResend(key, asked.channel, terms),
    rateLimits.admit('messages', { address, everyone: 'all' }),
    async (granted) => {
      if (granted?.claim.kind !== 'granted') return;
      const allowances = allowancesFor(asked.channel ?? granted.record.channel, terms);
      await store.settleMessage(granted.record.phoneNumber, granted.claim.token, 'free', allowances);
    },
  );
  if (!claimed) {
    if (admission.waitMs > 0) throw refusedMessage(undefined, admission);
    throw new AppError('PIN_NOT_FOUND');
  }
  const { record, claim } = claimed;
  const message = messageFor(config, record, asked);
  const { channel, messageId } = message;
  log.note({ channel, ...numberLogFields(privacy, record.phoneNumber) });
  const ttlMs = config.pin.ttlSeconds * 1000;

  const { kept, standing } = await deliver(store, {
    phoneNumber: record.phoneNumber,
    claim,
    allowances: allowancesFor(channel, terms),
    admission,
    send: () => sendAgain(dependencies, record, message),
    async keep(infobipPinId) {
      const pin = { channel, messageId, infobipPinId, ttlMs };
      const newPin = infobipPinId !== record.infobipPinId;
      return { newPin, replaced: await store.replacePin(key, record.infobipPinId, pin) };
    },
  });
  // Verified, or given another PIN, while this message was under way: that counts, this does not.
  if (!kept.replaced) throw new AppError('PIN_NOT_FOUND');

  const reply: ResendReply = {
    message: kept.newPin ? 'A new OTP was sent. Earlier ones no longer count.' : 'OTP sent successfully.',
    to: maskPhoneNumber(record.phoneNumber),
    channel,
    pinLength: config.pin.length,
    expiresInSeconds: Math.floor((kept.newPin ? ttlMs : record.remainingMs) / 1000),
    resendInSeconds: Math.ceil(standing.waitMs / 1000),
    callOffered: isCallOffered(record.phoneNumber, standing, config),
    newPin: kept.newPin,
  };
  return { verificationId, reply };
}
