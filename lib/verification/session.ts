import type { SessionReply } from '@/lib/contract';
import type { Dependencies } from './dependencies';
import { readProof } from './proof';
import { keyOf } from './token';

/** What a browser has verified, for as long as the proof of it is valid; undefined where it has not. */
export async function findSession(
  { store, proofs }: Dependencies,
  sessionId: string | undefined,
): Promise<SessionReply | undefined> {
  const proof = sessionId === undefined ? undefined : await store.findSession(keyOf(sessionId));
  // One whose key is gone, after a leak say, proves nothing any more.
  if (proof === undefined || !proofs.isOurs(proof)) return undefined;
  const { phoneNumber, channel, verifiedAt, expiresAt } = readProof(proof);
  if (expiresAt.getTime() <= Date.now()) return undefined;
  return { phoneNumber, channel, verifiedAt: verifiedAt.toISOString(), expiresAt: expiresAt.toISOString(), proof };
}

/** Ends a browser's session, where there is one. Its proof stays valid to whom it was shown, until it expires. */
export async function endSession({ store }: Dependencies, sessionId: string | undefined): Promise<void> {
  if (sessionId !== undefined) await store.endSession(keyOf(sessionId));
}
