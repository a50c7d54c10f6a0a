import { type AttemptOutcome, RESEND_GRACE_MS, type VerificationStore } from '@/lib/store/verifications';
import { subjectKey } from './limit-store';
import { type MemoryState, recordOf, type Verification } from './state';
import { standingOf } from './subject-state';

/** Attempts used after an outcome. Never fewer than Infobip counts. */
function attemptsAfter(used: number, outcome: AttemptOutcome, maxAttempts: number): number {
  if (outcome.kind === 'exhausted') return maxAttempts;
  if (outcome.kind !== 'wrong') return used;
  return Math.max(used, maxAttempts - (outcome.attemptsRemaining ?? maxAttempts));
}

/** {@link VerificationStore} in this process. */
export function createMemoryVerificationStore(state: MemoryState, maxAttempts: number): VerificationStore {
  const { verifications, subjects, now } = state;
  const keep = (key: string, verification: Verification) =>
    verifications.set(key, verification, verification.expiresAt + RESEND_GRACE_MS);

  return {
    async create(key, { subject, method, methodState, scope, destination, context, challenge, ttlMs }) {
      const expiresAt = now() + ttlMs;
      // Assign field by field: a spread object stores added fields separately, which takes more memory.
      keep(key, {
        subject,
        method,
        methodState,
        scope,
        destination,
        context,
        challenge,
        attemptsUsed: 0,
        attempt: undefined,
        expiresAt,
      });
    },

    async find(key) {
      const verification = verifications.get(key);
      if (!verification) return undefined;
      const { subject, scope } = verification;
      return { ...recordOf(verification, now()), ...standingOf(subjects.get(subjectKey(subject, scope)), now()) };
    },

    async remove(key) {
      verifications.delete(key);
    },

    async settleAttempt(key, challenge, outcome) {
      const verification = verifications.get(key);
      if (verification?.challenge !== challenge) return undefined;
      const attemptsUsed = attemptsAfter(verification.attemptsUsed, outcome, maxAttempts);
      if (outcome.kind === 'verified') {
        verifications.delete(key);
        return attemptsUsed;
      }
      const expiresAt = outcome.kind === 'dead' ? Math.min(verification.expiresAt, now()) : verification.expiresAt;
      keep(key, { ...verification, attempt: undefined, attemptsUsed, expiresAt });
      return attemptsUsed;
    },

    async replaceChallenge(key, { challenge: previous }, { ttlMs, ...challenge }) {
      const verification = verifications.get(key);
      if (verification?.challenge !== previous) return false;
      if (challenge.challenge === previous) keep(key, { ...verification, method: challenge.method });
      else keep(key, { ...verification, ...challenge, attemptsUsed: 0, attempt: undefined, expiresAt: now() + ttlMs });
      return true;
    },
  };
}
