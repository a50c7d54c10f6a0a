import fc from 'fast-check';
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { parsePhoneNumber } from '@/lib/methods/phone/phone-number';

const isAccepted = (number: string): boolean => {
  try {
    parsePhoneNumber(number);
    return true;
  } catch {
    return false;
  }
};

export const country = fc.constantFrom(...getCountries());

/** Almost a number of a country: its example with some digits changed at the front and the end. */
export const nearNumber = fc
  .tuple(country, fc.stringMatching(/^(?:0|00|1|8|9|15)?$/), fc.stringMatching(/^\d{0,7}$/))
  .map(([from, prefix, end]) => {
    const national = examples[from] ?? '';
    return `+${getCountryCallingCode(from)}${prefix}${national.slice(0, Math.max(0, national.length - end.length))}${end}`;
  });

/** A valid mobile number, in E.164. */
export const validNumber = fc
  .tuple(country, fc.stringMatching(/^\d{0,5}$/))
  .map(([from, end]) => {
    const national = examples[from] ?? '';
    return `+${getCountryCallingCode(from)}${national.slice(0, Math.max(0, national.length - end.length))}${end}`;
  })
  .filter(isAccepted);
