import { refusalError } from '@/lib/limits/refusals';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Caller } from './caller';
import type { Dependencies } from './dependencies';

/**
 * Counts a verification by a factor that nobody can guess, for the client alone: it locks nobody.
 * @throws {AppError} RATE_LIMITED, STORE_UNAVAILABLE
 */
export async function countFactor({ limits }: Dependencies, caller: Caller, log: RequestLog): Promise<void> {
  const reserved = await log.store(limits.reserveFactor(caller));
  if (reserved.kind !== 'granted') throw refusalError(reserved);
}
