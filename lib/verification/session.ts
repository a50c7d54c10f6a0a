import type { SessionReply } from '@/lib/contract';
import type { Dependencies } from './dependencies';
import { type Proven, readProof } from './proof';
import { keyOf } from './token';

/** What a client has verified, and the proof of it. */
export interface Session extends Proven {
  readonly proof: string;
}

/** The session of a client, for as long as its proof is valid; undefined where there is none. */
export async function findSession(
  { sessions, proofs }: Pick<Dependencies, 'sessions' | 'proofs'>,
  sessionToken: string | undefined,
): Promise<Session | undefined> {
  const jwt = sessionToken === undefined ? undefined : await sessions.find(keyOf(sessionToken));
  // A proof whose key is gone, for example after a leak, is worthless.
  if (jwt === undefined || !proofs.isOurs(jwt)) return undefined;
  const proven = readProof(jwt);
  return proven.expiresAt.getTime() <= Date.now() ? undefined : { ...proven, proof: jwt };
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

/** Ends a browser's session, where there is one. Anyone who got its proof can use it until it expires. */
export async function endSession({ sessions }: Dependencies, sessionToken: string | undefined): Promise<void> {
  if (sessionToken !== undefined) await sessions.end(keyOf(sessionToken));
}
