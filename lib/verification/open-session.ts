import type { Account } from '@/lib/store/factors';
import type { VerificationContext } from '@/lib/store/verifications';
import type { Caller } from './caller';
import type { Dependencies } from './dependencies';
import { rememberDevice } from './device';
import { PROOF_TTL_SECONDS, type Proof, type Statement } from './proof';
import { type Session, sessionRecord } from './session';
import { createToken, keyOf } from './token';

/** What the client gets for a verification. */
export interface Opened {
  readonly statement: Statement;
  readonly proof: Proof;
  /** The token of the session that holds the proof. */
  readonly sessionToken: string;
  readonly deviceCookie: string;
}

/** A session that is ready to be stored. */
export interface Prepared extends Opened {
  readonly key: string;
  store(): Promise<void>;
}

/** Signs the proof of a verification, for a session that replaces the client's previous one. */
export function prepareSession(
  { sessions, privacy, proofs }: Dependencies,
  statement: Statement,
  { sessionToken: previous, deviceCookie }: Pick<Caller, 'sessionToken' | 'deviceCookie'>,
  context?: VerificationContext,
): Prepared {
  const { phoneNumber: subject, authenticatedAt, sessionsSince } = statement;
  const proof = proofs.sign(statement, context);
  const sessionToken = createToken();
  const key = keyOf(sessionToken);
  const endsAt = (authenticatedAt?.getTime() ?? Date.now()) + PROOF_TTL_SECONDS * 1000;
  return {
    statement,
    proof,
    sessionToken,
    deviceCookie: rememberDevice(privacy, deviceCookie, subject),
    key,
    store: () =>
      sessions.open({
        key,
        subject,
        proof: sessionRecord(proof.jwt, sessionsSince),
        ttlMs: Math.max(1, endsAt - Date.now()),
        replaces: previous === undefined ? undefined : keyOf(previous),
      }),
  };
}

/** Opens a session, which replaces the client's previous one. */
export async function openSession(
  dependencies: Dependencies,
  statement: Statement,
  caller: Pick<Caller, 'sessionToken' | 'deviceCookie'>,
  context?: VerificationContext,
): Promise<Opened> {
  const { store, key: _, ...opened } = prepareSession(dependencies, statement, caller, context);
  await store();
  return opened;
}

/**
 * Opens a session in place of the one in which a factor was added or removed. It ends when that one would have ended.
 * @param account as it is after that: a removal has moved its `sessionsSince`. Undefined once the account is gone
 */
export const renewSession = (
  dependencies: Dependencies,
  { phoneNumber, amr, acr, verifiedAt, phoneVerifiedAt, context }: Session,
  account: Pick<Account, 'id' | 'sessionsSince'> | undefined,
  caller: Caller,
): Promise<Opened> =>
  openSession(
    dependencies,
    {
      phoneNumber,
      amr,
      acr,
      account: account?.id,
      sessionsSince: account?.sessionsSince,
      authenticatedAt: verifiedAt,
      phoneVerifiedAt,
    },
    caller,
    context,
  );
