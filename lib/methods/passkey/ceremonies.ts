import type { Manager } from '@/lib/verification/account';
import type { Caller } from '@/lib/verification/caller';
import { keyOf } from '@/lib/verification/token';

/** What the server needs to know when an enrollment ends. */
export interface Enrollment {
  /** base64url */
  readonly challenge: string;
  /** The account's handle. The authenticator of a first passkey learns it before the account exists. */
  readonly userHandle: string;
}

/** What the server needs to know when a verification ends. */
export type Assertion = Pick<Enrollment, 'challenge'>;

/** An enrollment belongs to its session, and to the account that the number had then. */
export const enrollmentBinding = (sessionToken: string | undefined, { state, replaces }: Manager): string =>
  JSON.stringify([keyOf(sessionToken ?? ''), state?.account.id ?? null, replaces ?? null]);

/** A verification belongs to the program, the login or the page that began it. */
export const assertionBinding = ({ program, login }: Pick<Caller, 'program' | 'login'>): string =>
  JSON.stringify([program?.id ?? login?.client ?? null, login?.interaction ?? null]);
