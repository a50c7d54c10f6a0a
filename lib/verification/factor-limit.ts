import { refusalError } from '@/lib/limits/refusals';
import type { Reservation } from '@/lib/limits/reservation';
import type { RequestLog } from '@/lib/observability/request-log';
import type { Caller } from './caller';
import type { Dependencies } from './dependencies';

/**
 * Counts a verification with a factor that nobody can guess. It counts against the client alone, and locks nobody.
 * @returns the reservation, to commit after a success
 * @throws {AppError} RATE_LIMITED, STORE_UNAVAILABLE
 */
export async function reserveFactor(
  { limits }: Pick<Dependencies, 'limits'>,
  caller: Caller,
  log: RequestLog,
): Promise<Reservation> {
  const reserved = await log.store(limits.reserveFactor(caller));
  if (reserved.kind !== 'granted') throw refusalError(reserved);
  return reserved;
}
