import type { AccountState } from '@/lib/store/factors';
import { isOpenedBy, methodsOf, type StepUpMethod } from './account';
import { askerOf, type Caller } from './caller';
import { openCeremony } from './ceremony';
import type { Dependencies } from './dependencies';
import type { UsedFactor } from './factor-passed';
import { PROOF_TTL_SECONDS, type Statement, statementOfCode } from './proof';
import { findSession, type Session } from './session';

/** What a correct code for a number will prove. */
export interface CodeStanding {
  readonly statement: Statement;
  /** What the person could verify with instead; undefined if the number has no factors, or if one of them was used. */
  readonly stepUp?: readonly StepUpMethod[] | undefined;
  /**
   * Call it after a correct code: it notes that the number is still this person's. Undefined if there is nothing to
   * note.
   */
  readonly confirm?: () => Promise<void>;
}

/**
 * A code never prolongs a session that a factor opened. If the session has less time left than this, the factor no
 * longer counts, because a full session for the code alone is worth more.
 */
const LEAST_LEFT_MS = 60_000;

/**
 * Whether the factor that opened a session counts together with a code that comes now. A login at another application
 * accepts the factor only if it would accept that session.
 */
function isRecent({ verifiedAt }: Session, { login }: Caller): boolean {
  const ageMs = Date.now() - verifiedAt.getTime();
  if (login && (login.maxAgeSeconds === undefined || ageMs > login.maxAgeSeconds * 1000)) return false;
  return ageMs <= PROOF_TTL_SECONDS * 1000 - LEAST_LEFT_MS;
}

/** The factor of the account that the client used a moment ago; undefined if there is none. */
async function usedFactor(
  dependencies: Dependencies,
  { account }: AccountState,
  caller: Caller,
): Promise<UsedFactor | undefined> {
  const { privacy } = dependencies;
  const ceremony = openCeremony<UsedFactor>(privacy, 'confirm-number', askerOf(caller), caller.factorToken);
  if (isOpenedBy(account, ceremony?.data)) return ceremony?.data;
  const session = await findSession(dependencies, caller.sessionToken);
  if (!session || !isOpenedBy(account, session) || !isRecent(session, caller)) return undefined;
  const { amr, acr, verifiedAt } = session;
  return { account: account.id, sessionsSince: account.sessionsSince, amr, acr, at: verifiedAt.getTime() };
}

/**
 * What a code for a number proves. Alone, it never speaks for an account, and never proves that the number still
 * belongs to the account's owner: whoever has the number now gets its messages. Together with a factor, it does both.
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
  const used = await usedFactor(dependencies, state, caller);
  const stronger = [...new Set(state.factors.map(({ type }) => type))];
  const stepUp = methodsOf(state);
  if (!used) return { statement: { ...alone, stronger }, stepUp };
  const { account, sessionsSince, acr, at } = used;
  const now = Date.now();
  // Otherwise, the factor was only added in this session, and not used.
  const isUsed = acr !== alone.acr;
  return {
    ...(!isUsed && { stepUp }),
    statement: {
      ...(!isUsed && { stronger }),
      phoneNumber,
      amr: [...new Set([...used.amr, ...alone.amr])],
      acr,
      account,
      sessionsSince,
      authenticatedAt: new Date(at),
      phoneVerifiedAt: new Date(now),
    },
    confirm: () => factors.confirmPhone(account, now),
  };
}
