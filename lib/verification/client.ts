import { countryOf } from '@/lib/methods/phone/phone-number';
import type { EventName } from '@/lib/observability/events';
import type { Privacy } from '@/lib/privacy';

/** Who asks. */
export interface Client {
  /** As limits count it. */
  readonly address: string;
  /** The handle of its verification. */
  readonly verificationId: string | undefined;
  /** The handle of its session. */
  readonly sessionId?: string | undefined;
  /** Tells the log what a request is about. Never a PIN, a key, a handle or a phone number. */
  readonly note: (fields: Noted) => void;
}

/** Fields of a request's log line. */
export interface Noted {
  readonly [field: string]: string | undefined;
  readonly event?: EventName;
}

/** A number as logs know it. */
export const describeNumber = (privacy: Privacy, e164: string, country = countryOf(e164)) => ({
  phone: privacy.pseudonym('number', e164),
  country,
});
