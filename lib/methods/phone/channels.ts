import type { Channel } from '@/lib/contract';
import type { Standing, VerificationRecord } from '@/lib/store/verifications';
import type { Dependencies } from '@/lib/verification/dependencies';
import { countryOf, takesCalls } from './phone-number';

/** How the code of a verification by phone was last sent. */
export const channelOf = ({ method }: Pick<VerificationRecord, 'method'>): Channel =>
  method === 'voice' ? 'voice' : 'sms';

/** Messages after which text messages seem not to arrive. Calls cost more, and disturb more, so they are no first offer. */
const MESSAGES_BEFORE_CALL = 2;

/**
 * Whether a call can be asked for as an alternative: the number and its country take calls, and it was sent messages to no avail.
 * @param phoneNumber E.164
 */
export function isCallOffered(
  phoneNumber: string,
  { messages }: Pick<Standing, 'messages'>,
  { config, limits }: Pick<Dependencies, 'config' | 'limits'>,
): boolean {
  if (messages < MESSAGES_BEFORE_CALL || !takesCalls(phoneNumber, config)) return false;
  const country = countryOf(phoneNumber);
  return country !== undefined && limits.takesCalls(country);
}
