import type { CodeFactor } from '@/lib/methods/guessed-factor';
import { normalizeRecoveryCode } from './code';

/** Recovery codes, for people who have lost everything else. Each works once, and passes a lock. */
export const RECOVERY_CODE: CodeFactor = {
  method: 'recovery-code',
  isUnguessable: true,
  normalize: normalizeRecoveryCode,
  // The store compares the code and uses it up in one step.
  prepare: async (factors, accountId, code) => () => factors.useRecoveryCode(accountId, code, Date.now()),
};
