import type { SessionReply } from '@/lib/contract';
import type { Dependencies } from './dependencies';
import { type Proven, readProof } from './proof';
import { keyOf } from './token';

/** What a client has verified, and the proof of it. */
export interface Session extends Proven {
  readonly proof: string;
  /** The `sessionsSince` of its account when the session was opened; undefined if it has none. */
  readonly sessionsSince: number | undefined;
}

/** How a session is stored. A JWT has no spaces. */
export const sessionRecord = (proof: string, sessionsSince: number | undefined): string =>
  sessionsSince === undefined ? proof : `${proof} ${sessionsSince}`;

/** The session of a client, for as long as its proof is valid; undefined if there is none. */
export async function findSession(
  { sessions, proofs }: Pick<Dependencies, 'sessions' | 'proofs'>,
  sessionToken: string | undefined,
): Promise<Session | undefined> {
  const record = sessionToken === undefined ? undefined : await sessions.find(keyOf(sessionToken));
  if (record === undefined) return undefined;
  const [proof = '', since] = record.split(' ');
  // A proof whose key is gone, for example after a leak, is worthless.
  if (!proofs.isOurs(proof)) return undefined;
  const proven = readProof(proof);
  if (proven.expiresAt.getTime() <= Date.now()) return undefined;
  return { ...proven, proof, sessionsSince: since === undefined ? undefined : Number(since) };
}

/** A session as clients see it. */
export const sessionReply = ({
  phoneNumber,
  channel,
  acr,
  account,
  verifiedAt,
  expiresAt,
  proof,
}: Session): SessionReply => ({
  phoneNumber,
  ...(channel && { channel }),
  acr,
  ...(account !== undefined && { account }),
  verifiedAt: verifiedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  proof,
});

/** Ends a client's session, if there is one. Anyone who got its proof can use it until the proof expires. */
export async function endSession({ sessions }: Dependencies, sessionToken: string | undefined): Promise<void> {
  if (sessionToken !== undefined) await sessions.end(keyOf(sessionToken));
}
