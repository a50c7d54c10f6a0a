import type { Privacy } from '@/lib/privacy';
import { countryOf } from './phone-number';

/**
 * A phone number in log lines: a keyed hash and its country.
 * @param e164 the number in E.164
 */
export const numberLogFields = (privacy: Privacy, e164: string, country = countryOf(e164)) => ({
  phone: privacy.pseudonym('number', e164),
  country,
});
