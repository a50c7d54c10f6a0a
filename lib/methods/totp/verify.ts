import type { CodeFactor } from '@/lib/methods/guessed-factor';
import type { FactorStore, KnownTotp } from '@/lib/store/factors';
import { MOST_FACTORS } from '@/lib/verification/add-factor';
import { matchingSteps, newSecret, normalizeCode } from './code';

/** Takes the places of the apps that an account does not have, so that every check takes the same time. */
const NO_APP = newSecret();

/** Uses up a time step in which one of the apps shows this code. */
async function useStep(factors: FactorStore, apps: readonly KnownTotp[], code: string): Promise<boolean> {
  const matches = apps.flatMap(({ id, secret }) => matchingSteps(secret, code).map((step) => ({ id, step })));
  for (let i = apps.length; i < MOST_FACTORS.totp; i += 1) matchingSteps(NO_APP, code);
  for (const { id, step } of matches) {
    if (await factors.useTotpStep(id, step, Date.now())) return true;
  }
  return false;
}

/** Authenticator apps. Each code works once, and uses up all earlier ones (RFC 6238, §5.2). */
export const TOTP: CodeFactor = {
  method: 'totp',
  isUnguessable: false,
  normalize: normalizeCode,
  async prepare(factors, accountId, code) {
    const apps = await factors.findTotps(accountId);
    return () => useStep(factors, apps, code);
  },
};
