import type { Verified } from '@/lib/on-verified';
import type { Account } from '@/lib/store/factors';
import type { VerificationContext } from '@/lib/store/verifications';
import type { StepUpMethod } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import type { Dependencies } from '@/lib/verification/dependencies';
import { type FactorPassed, passFactor } from '@/lib/verification/factor-passed';
import { numberLogFields } from './phone/phone-number';

/** A number that was verified with a factor. */
export interface VerifiedByFactor extends FactorPassed {
  readonly verified: Verified;
  readonly context: VerificationContext | undefined;
}

/**
 * Opens a session for the number of an account, one of whose factors was just used.
 * @throws {AppError} NUMBER_STALE, STORE_UNAVAILABLE
 */
export async function verifiedByFactor(
  dependencies: Dependencies,
  { account, method }: { account: Account; method: StepUpMethod },
  caller: Caller,
  context: VerificationContext | undefined,
): Promise<VerifiedByFactor> {
  const opened = await passFactor(dependencies, { account, method }, caller, context);
  const { phoneNumber, id } = account;
  const verified = {
    phoneNumber,
    ...numberLogFields(dependencies.privacy, phoneNumber),
    method,
    channel: undefined,
    account: id,
    proofId: opened.proof.id,
    client: context?.client,
  };
  return { ...opened, verified, context };
}
