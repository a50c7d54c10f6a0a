import type { SessionReply } from '@/lib/contract';
import type { Dependencies } from './dependencies';
import { readProof } from './proof';
import { keyOf } from './token';

/** The number that a browser has verified, for as long as the proof is valid; undefined where there is none. */
export async function findSession(
  { sessions, proofs }: Dependencies,
  sessionToken: string | undefined,
): Promise<SessionReply | undefined> {
  const jwt = sessionToken === undefined ? undefined : await sessions.find(keyOf(sessionToken));
  // A proof whose key is gone, for example after a leak, is worthless.
  if (jwt === undefined || !proofs.isOurs(jwt)) return undefined;
  const { phoneNumber, channel, verifiedAt, expiresAt } = readProof(jwt);
  if (expiresAt.getTime() <= Date.now()) return undefined;
  return { phoneNumber, channel, verifiedAt: verifiedAt.toISOString(), expiresAt: expiresAt.toISOString(), proof: jwt };
}

/** Ends a browser's session, where there is one. Anyone who got its proof can use it until it expires. */
export async function endSession({ sessions }: Dependencies, sessionToken: string | undefined): Promise<void> {
  if (sessionToken !== undefined) await sessions.end(keyOf(sessionToken));
}
