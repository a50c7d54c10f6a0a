/** For lib/on-verified.ts: stores the number in the account of the person who is logged in, and sends them there. */
import type { OnVerified } from '@/lib/on-verified';

const DEADLINE_MS = 5000;

/** Your own logins and your own database. */
export interface Accounts {
  /** Returns the account that the cookie belongs to, or undefined if there is none. */
  readonly ownerOf: (cookie: string) => Promise<string | undefined>;
  /**
   * Must be safe to run twice. Refuse a number that another account has, if that matters to you.
   * @param verified its `proofId` is new with every verification
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
    if (account === undefined) return undefined;
    await accounts.setPhoneNumber(account, { phoneNumber, proofId }, AbortSignal.timeout(DEADLINE_MS));
    return { redirectTo: '/account' };
  };
