import type { AccountState } from '@/lib/store/factors';
import { isOpenedBy } from './account';
import type { Caller } from './caller';
import { openCeremony } from './ceremony';
import type { Dependencies } from './dependencies';
import type { UsedFactor } from './factor-passed';
import { type Statement, statementOfCode } from './proof';
import { findSession } from './session';

/** What a right code for a number will say. */
export interface CodeStanding {
  readonly statement: Statement;
  /** Call it once the code was right: it notes that the number is still this person's. Undefined where nothing is to note. */
  readonly confirm?: () => Promise<void>;
}

/** The factor of the account that the client used a moment ago; undefined where there is none. */
async function usedFactor(
  dependencies: Dependencies,
  { account }: AccountState,
  { sessionToken, factorToken }: Caller,
): Promise<UsedFactor | undefined> {
  const { data } = openCeremony<UsedFactor>(dependencies.privacy, 'confirm-number', '', factorToken) ?? {};
  if (data?.account === account.id && data.at >= account.sessionsSince) return data;
  const session = await findSession(dependencies, sessionToken);
  if (!session || !isOpenedBy(account, session)) return undefined;
  const { amr, acr, verifiedAt } = session;
  return { account: account.id, amr, acr, at: verifiedAt.getTime() };
}

/**
 * What a code for a number says. Alone it never speaks for an account, and never proves that the number is still its owner's:
 * whoever has the number now gets the messages, too. It does so together with a factor.
 */
export async function standingOfCode(
  dependencies: Dependencies,
  phoneNumber: string,
  method: string,
  caller: Caller,
): Promise<CodeStanding> {
  const alone = statementOfCode(phoneNumber, method);
  const { factors } = dependencies;
  const state = await factors?.findAccount(phoneNumber);
  if (!factors || !state) return { statement: alone };
  const stronger = [...new Set(state.factors.map(({ type }) => type))];
  const used = await usedFactor(dependencies, state, caller);
  if (!used) return { statement: { ...alone, stronger } };
  const now = Date.now();
  return {
    statement: {
      phoneNumber,
      amr: [...new Set([...used.amr, ...alone.amr])],
      acr: used.acr,
      account: used.account,
      // Codes never prolong what a factor has opened.
      authenticatedAt: new Date(used.at),
      phoneVerifiedAt: new Date(now),
    },
    confirm: () => factors.confirmPhone(used.account, now),
  };
}
