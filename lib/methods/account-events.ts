import type { FactorType } from '@/lib/contract';
import type { Dependencies } from '@/lib/verification/dependencies';
import type { Webhooks } from '@/lib/webhooks/webhooks';
import { countryOf } from './phone/phone-number';

/** The dependencies of changes to accounts. */
export interface AccountDependencies extends Dependencies {
  /** Undefined if none are configured. */
  readonly webhooks: Webhooks | undefined;
}

/** An account, by its id and its number. */
export interface ChangedAccount {
  readonly account: string;
  /** E.164. */
  readonly phoneNumber: string;
}

const withCountry = (changed: ChangedAccount) => ({ ...changed, country: countryOf(changed.phoneNumber) });

/** Reports by webhook that an account has got a factor, or has lost one. */
export const reportFactor = (
  { webhooks }: AccountDependencies,
  event: 'factor.added' | 'factor.removed',
  changed: ChangedAccount,
  type: FactorType,
): void => webhooks?.send(event, { ...withCountry(changed), type });

/**
 * Reports by webhook that somebody requested a reset.
 * @param effectiveAt epoch milliseconds
 */
export const reportReset = ({ webhooks }: AccountDependencies, changed: ChangedAccount, effectiveAt: number): void =>
  webhooks?.send('account.reset_requested', {
    ...withCountry(changed),
    effectiveAt: new Date(effectiveAt).toISOString(),
  });
