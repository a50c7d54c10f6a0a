import type { Channel } from '@/lib/contract';
import type { Standing, VerificationRecord } from '@/lib/store/verifications';
import type { Dependencies } from '@/lib/verification/dependencies';
import { countryOf, takesCalls } from './phone-number';

/** The channel of a verification's last message. */
export const channelOf = ({ method }: Pick<VerificationRecord, 'method'>): Channel =>
  method === 'voice' ? 'voice' : 'sms';

/**
 * After this many text messages, assume that they do not arrive. Calls cost more and are more intrusive, so they are
 * not the first offer.
 */
const MESSAGES_BEFORE_CALL = 2;

/**
 * Whether the client may request a call as an alternative: the number and its country take calls, and several messages
 * have led to no success.
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
