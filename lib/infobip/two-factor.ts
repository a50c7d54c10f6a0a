import type { Config } from '@/lib/config/config';
import type { Channel } from '@/lib/contract';
import type { InfobipClient } from './client';
import { PIN_ID, parseSendReply, parseVerifyReply, type SendResult, type VerifyResult } from './replies';

/** Infobip's 2FA API as this project uses it. Numbers are MSISDNs: digits only, no plus. Nothing here throws upstream faults. */
export interface TwoFactor {
  /** Makes a new PIN from a template and sends it. Not idempotent: a failure with `maybeDone` may have sent it. */
  send(channel: Channel, messageId: string, msisdn: string): Promise<SendResult>;
  /** Sends the same PIN again under the same pinId. */
  resend(channel: Channel, pinId: string): Promise<SendResult>;
  /** Tries a code. Every try counts upstream; a failure with `maybeDone` may have counted, or succeeded. */
  verify(pinId: string, msisdn: string, pin: string): Promise<VerifyResult>;
  /** Whether the next call would be refused: Infobip is left alone after repeated failures, or being probed. */
  isBreakerOpen(): boolean;
}

/** The SDK puts pinIds into paths as they are; any other form could reach another endpoint with our key. */
function assertPinId(pinId: string): void {
  if (!PIN_ID.test(pinId)) throw new Error('Not a pinId of Infobip');
}

export function createTwoFactor({ sdk, isBreakerOpen }: InfobipClient, config: Config['infobip']): TwoFactor {
  const placeholders = config.placeholders && { placeholders: config.placeholders };

  return {
    isBreakerOpen,

    async send(channel, messageId, msisdn) {
      const body = {
        applicationId: config.appId,
        messageId,
        to: msisdn,
        ...(config.senderId !== undefined && { from: config.senderId }),
        ...placeholders,
      };
      const returned =
        channel === 'sms' ? await sdk.sendPINCodeSMS(body, config.numberLookup) : await sdk.sendPINCodeVoice(body);
      return parseSendReply(returned, channel);
    },

    async resend(channel, pinId) {
      assertPinId(pinId);
      const body = { ...placeholders };
      const returned =
        channel === 'sms' ? await sdk.resendPINCodeSMS(pinId, body) : await sdk.resendPINCodeVoice(pinId, body);
      return parseSendReply(returned, channel, pinId);
    },

    async verify(pinId, msisdn, pin) {
      assertPinId(pinId);
      return parseVerifyReply(await sdk.verifyPhoneNumber(pinId, { pin }), pinId, msisdn);
    },
  };
}
