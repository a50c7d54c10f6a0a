/** For lib/on-verified.ts: marks the number as verified in the account that is logged in. */
import type { OnVerified } from '@/lib/on-verified';

const DEADLINE_MS = 5000;

/** Your own logins and your own database. */
export interface Accounts {
  /** Whose login the cookie is; undefined where it is none. */
  readonly ownerOf: (cookie: string) => Promise<string | undefined>;
  /**
   * Safe to do twice, and refuses a number that another account has, if that matters to you.
   * @param proofId is new with every verification
   */
  readonly setPhoneNumber: (
    account: string,
    verified: { readonly phoneNumber: string; readonly proofId: string },
    signal: AbortSignal,
  ) => Promise<void>;
}

/** `export const onVerified = markAccount(yourAccounts)` */
export const markAccount =
  (accounts: Accounts): OnVerified =>
  async ({ phoneNumber, proofId }, { request }) => {
    const { login } = request.cookies;
    const account = login === undefined ? undefined : await accounts.ownerOf(login);
    if (account === undefined) return;
    await accounts.setPhoneNumber(account, { phoneNumber, proofId }, AbortSignal.timeout(DEADLINE_MS));
  };
