import { BoundedMap } from './bounded-map';
import type { Application, Template } from './contract';
import { parseDuration } from './durations';
import { ApiError } from './errors';
import { randomId, randomPin } from './random';
import { scenarioOf } from './scenarios';

/** How many PINs to keep. Beyond that, the simulator forgets the oldest first, and answers 404 about it. */
const MAX_PINS = 10_000;

/** A PIN, in progress or finished. Times in milliseconds since 1970. */
export interface Pin {
  pinId: string;
  applicationId: string;
  messageId: string;
  msisdn: string;
  value: string;
  /** Sender of the message, kept for resends, which cannot name one. */
  from: string;
  ncStatus: string;
  attemptsRemaining: number;
  expiresAt: number;
  sent: boolean;
  sentAt: number;
  verifiedAt: number | null;
}

/** Document: VerifyPinResponse. A wrong PIN is not an error: the reply is a 200 with `verified: false`. */
export interface VerifyPinResponse {
  pinId: string;
  msisdn: string;
  verified: boolean;
  attemptsRemaining: number;
  pinError?: 'WRONG_PIN' | 'TTL_EXPIRED' | 'NO_MORE_PIN_ATTEMPTS';
}

/** The PINs of one simulator. */
export class Pins {
  readonly #pins = new BoundedMap<string, Pin>(MAX_PINS);

  create(
    application: Application,
    template: Template,
    fields: Pick<Pin, 'msisdn' | 'from' | 'ncStatus' | 'sent'>,
    now: number,
  ): Pin {
    const pin: Pin = {
      ...fields,
      pinId: randomId(),
      applicationId: application.applicationId,
      messageId: template.messageId,
      value: randomPin(template),
      attemptsRemaining: application.configuration.pinAttempts,
      expiresAt: now + (parseDuration(application.configuration.pinTimeToLive) ?? 0),
      sentAt: now,
      verifiedAt: null,
    };
    this.#pins.set(pin.pinId, pin);
    return pin;
  }

  /** Throws 404. (Guides call this error PIN_NOT_FOUND, but the document calls it NOT_FOUND.) */
  get(pinId: string): Pin {
    const pin = this.#pins.get(pinId);
    if (!pin) throw new ApiError('NOT_FOUND', { text: 'Pin not found' });
    return pin;
  }

  /** PINs sent to a number for an application, oldest first. */
  listFor(applicationId: string, msisdn: string): Pin[] {
    return this.#pins.values().filter((pin) => pin.applicationId === applicationId && pin.msisdn === msisdn);
  }

  reset(): void {
    this.#pins.clear();
  }
}

/**
 * Tries a value on a PIN. Every try on a live PIN uses up an attempt, even a correct one. With
 * `allowMultiplePinVerifications: false` a verified PIN has no attempts left.
 */
export function verifyPin(pin: Pin, application: Application, value: string, now: number): VerifyPinResponse {
  const answer = (pinError?: VerifyPinResponse['pinError']): VerifyPinResponse => ({
    pinId: pin.pinId,
    msisdn: pin.msisdn,
    verified: pinError === undefined,
    attemptsRemaining: pin.attemptsRemaining,
    ...(pinError && { pinError }),
  });

  if (now >= pin.expiresAt || scenarioOf(pin.msisdn)?.expired) return answer('TTL_EXPIRED');
  if (pin.attemptsRemaining === 0) return answer('NO_MORE_PIN_ATTEMPTS');
  pin.attemptsRemaining -= 1;
  if (value !== pin.value) return answer('WRONG_PIN');
  pin.verifiedAt = now;
  const success = answer();
  if (!application.configuration.allowMultiplePinVerifications) pin.attemptsRemaining = 0;
  return success;
}
