import { numberLogFields } from '@/lib/methods/phone/phone-number';
import type { RequestLog } from '@/lib/observability/request-log';
import type { ManagedAccount } from '@/lib/store/factors';
import { factorsOf, noteCanceledReset, outdatedError, requireAccount } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import type { Dependencies } from '@/lib/verification/dependencies';
import { newRecoveryCode, written } from './code';

const CODES = 10;

/**
 * Gives the account of a number new recovery codes. Earlier ones stop working.
 * @returns the codes as people should write them down; nobody can read them again
 * @throws {AppError} STEP_UP_REQUIRED or NO_SESSION if another session has removed a factor meanwhile;
 * STORE_UNAVAILABLE
 */
export async function replaceRecoveryCodes(
  dependencies: Dependencies,
  account: ManagedAccount,
  phoneNumber: string,
  log: RequestLog,
): Promise<readonly string[]> {
  const factors = factorsOf(dependencies);
  const codes = Array.from({ length: CODES }, newRecoveryCode);
  if (!(await log.store(factors.replaceRecoveryCodes(account, codes))))
    throw outdatedError(await log.store(factors.findAccount(phoneNumber)));
  log.event('recovery_codes.replaced');
  return codes.map(written);
}

/**
 * Creates new recovery codes for the account of a session.
 * @throws {AppError} NO_SESSION, STEP_UP_REQUIRED, FACTOR_NOT_FOUND, STORE_UNAVAILABLE
 */
export async function makeRecoveryCodes(
  dependencies: Dependencies,
  caller: Caller,
  log: RequestLog,
): Promise<readonly string[]> {
  const { session, state } = await log.store(requireAccount(dependencies, caller.sessionToken));
  log.note(numberLogFields(dependencies.privacy, session.phoneNumber));
  const codes = await replaceRecoveryCodes(dependencies, state.account, session.phoneNumber, log);
  noteCanceledReset(state.account, log);
  return codes;
}
