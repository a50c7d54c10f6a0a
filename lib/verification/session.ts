import type { SessionReply } from '@/lib/contract';
import type { Dependencies } from './dependencies';
import { readProof } from './proof';
import { keyOf } from './token';

/** What a browser has verified, for as long as the proof of it is valid; undefined where it has not. */
export async function findSession(
  { sessions, proofs }: Dependencies,
  sessionToken: string | undefined,
): Promise<SessionReply | undefined> {
  const jwt = sessionToken === undefined ? undefined : await sessions.find(keyOf(sessionToken));
  // One whose key is gone, after a leak say, proves nothing any more.
  if (jwt === undefined || !proofs.isOurs(jwt)) return undefined;
  const { phoneNumber, channel, verifiedAt, expiresAt } = readProof(jwt);
  if (expiresAt.getTime() <= Date.now()) return undefined;
  return { phoneNumber, channel, verifiedAt: verifiedAt.toISOString(), expiresAt: expiresAt.toISOString(), proof: jwt };
}

/** Ends a browser's session, where there is one. Its proof stays valid for whoever was shown it, until it expires. */
export async function endSession({ sessions }: Dependencies, sessionToken: string | undefined): Promise<void> {
  if (sessionToken !== undefined) await sessions.end(keyOf(sessionToken));
}
