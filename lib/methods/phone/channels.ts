import type { Channel } from '@/lib/contract';
import type { VerificationRecord } from '@/lib/store/verifications';

/** How the code of a verification by phone was last sent. */
export const channelOf = ({ method }: Pick<VerificationRecord, 'method'>): Channel =>
  method === 'voice' ? 'voice' : 'sms';
