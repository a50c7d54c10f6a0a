import { AppError } from '@/lib/errors';
import type { PhoneDependencies } from './phone/dependencies';
import { assertNotBlocked, countryOf, isServed } from './phone/phone-number';

/**
 * Checks that the operator still serves the number of an account: a number that gets no codes cannot verify in any
 * other way either. Other factors cost no message, but an operator who blocks a number or leaves a country out wants to
 * keep those people out, however they verify.
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
      message: 'We do not accept numbers from this country.',
    });
  assertNotBlocked(phoneNumber, blocklist);
}
