import type { SendReply, SendRequest } from '@/lib/contract';
import type { RequestLog } from '@/lib/observability/request-log';
import { allowancesFor } from '@/lib/store/store';
import type { Caller } from '@/lib/verification/caller';
import { claimAndAdmit } from '@/lib/verification/claim-and-admit';
import { deliver } from '@/lib/verification/deliver';
import { claimTerms, type Dependencies } from '@/lib/verification/dependencies';
import { createToken, keyOf } from '@/lib/verification/token';
import { isCallOffered } from './call-offer';
import { numberLogFields } from './number-log-fields';
import { assertReachable, maskPhoneNumber, parsePhoneNumber, toMsisdn } from './phone-number';

/** A started verification: what the client is told, and the handle it gets. */
export interface Started {
  readonly verificationId: string;
  readonly reply: SendReply;
}

/**
 * Sends a code to a number and starts a verification of it. The client's verification before counts no more.
 * @throws {AppError} INVALID_PHONE_NUMBER, PHONE_NUMBER_NOT_SUPPORTED, RATE_LIMITED, NUMBER_LOCKED, NOT_DELIVERED, UPSTREAM_… or
 * STORE_UNAVAILABLE
 */
export async function sendCode(
  { config, store, rateLimits, twoFactor, privacy }: Dependencies,
  request: SendRequest,
  caller: Caller,
  log: RequestLog,
): Promise<Started> {
  const channel = request.channel ?? 'sms';
  log.note({ channel });
  const phoneNumber = parsePhoneNumber(request.phoneNumber, request.country);
  const { e164, country } = phoneNumber;
  log.note(numberLogFields(privacy, e164, country));
  assertReachable(phoneNumber, channel, config);
  const verificationId = createToken();
  const terms = claimTerms(config);
  const allowances = allowancesFor(channel, terms);
  const [claim, admission] = await claimAndAdmit(
    store.claimMessage(e164, channel, terms),
    rateLimits.admit('messages', { address: caller.address, everyone: 'all' }),
    async (granted) => granted.kind === 'granted' && store.settleMessage(e164, granted.token, 'free', allowances),
  );
  const messageId = config.infobip.messageIds[channel][request.language ?? 'en'];
  const ttlMs = config.pin.ttlSeconds * 1000;

  const { standing } = await deliver(store, {
    phoneNumber: e164,
    claim,
    allowances,
    admission,
    send: () => twoFactor.send(channel, messageId, toMsisdn(e164)),
    keep: (infobipPinId) =>
      Promise.all([
        store.create(keyOf(verificationId), e164, { channel, messageId, infobipPinId, ttlMs }),
        caller.verificationToken !== undefined && store.remove(keyOf(caller.verificationToken)),
      ]),
  });

  const reply: SendReply = {
    message: 'OTP sent successfully.',
    to: maskPhoneNumber(e164),
    channel,
    pinLength: config.pin.length,
    expiresInSeconds: config.pin.ttlSeconds,
    resendInSeconds: Math.ceil(standing.waitMs / 1000),
    callOffered: isCallOffered(e164, standing, config),
  };
  return { verificationId, reply };
}
