import type { Privacy } from '@/lib/privacy';
import { countryOf } from './phone-number';

/** A number as logs know it. */
export const numberLogFields = (privacy: Privacy, e164: string, country = countryOf(e164)) => ({
  phone: privacy.pseudonym('number', e164),
  country,
});
