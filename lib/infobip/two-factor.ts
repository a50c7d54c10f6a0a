import type { Config } from '@/lib/config/config';
import type { Channel } from '@/lib/contract';
import { createBreaker, type OnBreaker } from './breaker';
import type { TwoFactorSdk } from './client';
import { createClockWatch, type OnSkew } from './clock';
import { PIN_ID, parseSendReply, parseVerifyReply, type SendResult, type VerifyResult } from './replies';

/** Where a new PIN goes. */
export interface Recipient {
  readonly msisdn: string;
  /** ISO 3166-1 alpha-2; undefined for numbers without a country. */
  readonly country: string | undefined;
  /** Values for this message alone. They override the configured ones. */
  readonly placeholders?: Readonly<Record<string, string>> | undefined;
}

/**
 * Infobip's 2FA API as this project uses it. Numbers are MSISDNs: digits only, no plus. The methods return upstream
 * faults instead of throwing them.
 */
export interface TwoFactor {
  /** Creates a PIN from a template and sends it. Not idempotent: a failure with `maybeDone` may have sent it. */
  send(channel: Channel, messageId: string, to: Recipient): Promise<SendResult>;
  /** Sends the same PIN again under the same pinId. */
  resend(channel: Channel, pinId: string, to: Pick<Recipient, 'msisdn' | 'placeholders'>): Promise<SendResult>;
  /** Checks a code. Infobip counts every try; a failure with `maybeDone` may have counted, or succeeded. */
  verify(pinId: string, msisdn: string, pin: string): Promise<VerifyResult>;
  /** Whether the breaker would refuse the next call, after repeated failures or while a probe is in flight. */
  isBreakerOpen(): boolean;
}

/**
 * The sender for the country, otherwise the one for all countries; undefined for the template's. A call can come only
 * from a number.
 */
function senderOf({ senderId, senderIds }: Config['infobip'], channel: Channel, country = ''): string | undefined {
  const own = senderIds[country];
  return own !== undefined && (channel === 'sms' || /^\d+$/.test(own)) ? own : senderId;
}

interface Observers {
  readonly onBreaker?: OnBreaker;
  readonly onSkew?: OnSkew;
}

/** The SDK puts pinIds into paths as they are, so one of another form could reach another endpoint with our key. */
function assertPinId(pinId: string): void {
  if (!PIN_ID.test(pinId)) throw new Error('Not an Infobip pinId');
}

/**
 * The calls, behind a circuit breaker. The breaker is here, and not in the transport, because it needs to know whose
 * number a call is for, and the requests of a resend and a verify do not contain the number.
 * @param observers called when the breaker opens and closes, and when the clocks differ
 */
export function createTwoFactor(sdk: TwoFactorSdk, config: Config['infobip'], observers: Observers = {}): TwoFactor {
  const breaker = createBreaker(observers.onBreaker);
  const watchClock = createClockWatch(observers.onSkew ?? (() => undefined));
  const run = (msisdn: string, call: () => Promise<unknown>) => breaker.run(msisdn, () => watchClock(call));
  const withPlaceholders = (own: Recipient['placeholders']) =>
    (own ?? config.placeholders) && { placeholders: { ...config.placeholders, ...own } };

  return {
    isBreakerOpen: breaker.isOpen,

    async send(channel, messageId, { msisdn, country, placeholders }) {
      const from = senderOf(config, channel, country);
      const body = {
        applicationId: config.appId,
        messageId,
        to: msisdn,
        ...(from !== undefined && { from }),
        ...withPlaceholders(placeholders),
      };
      const returned = await run(msisdn, () =>
        channel === 'sms' ? sdk.sendPINCodeSMS(body, config.numberLookup) : sdk.sendPINCodeVoice(body),
      );
      return parseSendReply(returned, channel);
    },

    async resend(channel, pinId, { msisdn, placeholders }) {
      assertPinId(pinId);
      const body = { ...withPlaceholders(placeholders) };
      const returned = await run(msisdn, () =>
        channel === 'sms' ? sdk.resendPINCodeSMS(pinId, body) : sdk.resendPINCodeVoice(pinId, body),
      );
      return parseSendReply(returned, channel, pinId);
    },

    async verify(pinId, msisdn, pin) {
      assertPinId(pinId);
      const returned = await run(msisdn, () => sdk.verifyPhoneNumber(pinId, { pin }));
      return parseVerifyReply(returned, pinId, msisdn);
    },
  };
}
