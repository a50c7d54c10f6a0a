import { AppError } from '@/lib/errors';
import type { Account } from '@/lib/store/factors';
import type { VerificationContext } from '@/lib/store/verifications';
import type { KnownAccount, StepUpMethod } from './account';
import { askerOf, type Caller } from './caller';
import { startCeremony } from './ceremony';
import type { Dependencies } from './dependencies';
import { type Opened, openSession } from './open-session';
import type { Statement } from './proof';
import { findSession, type Session } from './session';

/** What each factor proves, in terms of RFC 8176, §2. A passkey is `mfa`, because it has to verify the person, too. */
export const SAID_BY = {
  passkey: { amr: ['pop', 'user', 'mfa'], acr: 'phr' },
  totp: { amr: ['otp'], acr: 'otp' },
  'recovery-code': { amr: ['otp'], acr: 'otp' },
} as const satisfies Record<StepUpMethod, Pick<Statement, 'amr' | 'acr'>>;

/** A factor that was used, with everything that the server needs to know when a verification code follows. */
export interface UsedFactor extends Pick<Statement, 'amr' | 'acr'>, KnownAccount {
  readonly account: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

const DAY_MS = 24 * 60 * 60_000;

/** Whether somebody entered a code for the account's number in the session. */
const isByCode = ({ phoneNumber }: Account, session: Session | undefined): session is Session =>
  session?.channel !== undefined && session.phoneNumber === phoneNumber;

/**
 * When a code last showed that the number is this person's: in this session, or at the time that the account remembers.
 */
async function confirmedAt({ factors }: Dependencies, account: Account, session: Session | undefined): Promise<number> {
  if (!isByCode(account, session)) return account.phoneVerifiedAt;
  const at = session.phoneVerifiedAt.getTime();
  if (at <= account.phoneVerifiedAt) return account.phoneVerifiedAt;
  await factors?.confirmPhone(account.id, at);
  return at;
}

/** A session that a factor opened. */
export interface FactorPassed extends Opened {
  /** Whether the verification needed no code by phone. */
  readonly isWithoutMessage: boolean;
}

/**
 * Opens a session after a factor was used. A code that opened the client's previous session counts as well. The number
 * must have been verified with a code recently, because numbers change hands.
 * @param account as it was read before the factor was used
 * @param context what the proof is for
 * @throws {AppError} NUMBER_STALE, with the token that lets a code complete the verification
 */
export async function passFactor(
  dependencies: Dependencies,
  { account, method }: { account: Account; method: StepUpMethod },
  caller: Caller,
  context?: VerificationContext,
): Promise<FactorPassed> {
  const { config, privacy } = dependencies;
  const now = Date.now();
  const session = await findSession(dependencies, caller.sessionToken);
  const phoneVerifiedAt = await confirmedAt(dependencies, account, session);
  const { amr, acr } = SAID_BY[method];
  const known = { account: account.id, sessionsSince: account.sessionsSince };
  const reverifyMs = (config.factors?.phoneReverifyDays ?? 0) * DAY_MS;
  if (now - phoneVerifiedAt > reverifyMs) {
    const used: UsedFactor = { ...known, amr, acr, at: now };
    throw new AppError('NUMBER_STALE', { ceremony: startCeremony(privacy, 'confirm-number', askerOf(caller), used) });
  }
  const statement = {
    phoneNumber: account.phoneNumber,
    amr,
    acr,
    ...known,
    phoneVerifiedAt: new Date(phoneVerifiedAt),
  };
  const opened = await openSession(dependencies, statement, caller, context);
  return { ...opened, isWithoutMessage: !isByCode(account, session) };
}
