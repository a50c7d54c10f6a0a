import { AppError } from '@/lib/errors';
import type { PhoneDependencies } from './phone/dependencies';
import { assertNotBlocked, countryOf, isServed } from './phone/phone-number';

/**
 * Checks that the operator still serves the number of an account. A passkey costs no message, but somebody who blocks a number or
 * leaves a country out means to keep people out, whichever way they come: a number that gets no codes verifies in no other
 * way either.
 * @param phoneNumber E.164
 * @throws {AppError} PHONE_NUMBER_NOT_SUPPORTED
 */
export function assertServed(
  phoneNumber: string,
  { config, blocklist }: Pick<PhoneDependencies, 'config' | 'blocklist'>,
): void {
  if (!isServed(countryOf(phoneNumber), config))
    throw new AppError('PHONE_NUMBER_NOT_SUPPORTED', {
      reason: 'country',
      message: 'Numbers of this country are not accepted.',
    });
  assertNotBlocked(phoneNumber, blocklist);
}
