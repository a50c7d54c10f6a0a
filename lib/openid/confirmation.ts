import { z } from 'zod';

/** A single line that a page shows as it is. */
const line = (most: number) =>
  z
    .string()
    .regex(new RegExp(`^[^\\p{C}\\p{Zl}\\p{Zp}]{1,${most}}$`, 'u'), `must be 1 to ${most} characters on one line`);

/** The type in `authorization_details` (RFC 9396, §2). */
export const CONFIRMATION_TYPE = 'confirmation';

const confirmation = z.strictObject({
  type: z.literal(CONFIRMATION_TYPE),
  text: line(200),
  amount: line(40).optional(),
  payee: line(80).optional(),
});

/** What a person is asked to confirm with the code. The client has written it; the page shows it as text. */
export interface Confirmation {
  readonly text: string;
  /** As people read it: `120.00 EUR`. */
  readonly amount?: string | undefined;
  readonly payee?: string | undefined;
}

/**
 * Checks one element of `authorization_details`.
 * @returns what is wrong with it; undefined if nothing is
 */
export function faultOfConfirmation(detail: unknown): string | undefined {
  const issue = confirmation.safeParse(detail).error?.issues[0];
  if (!issue) return undefined;
  const field = issue.path[0];
  return field === undefined ? 'only type, text, amount and payee are known' : `${String(field)} ${issue.message}`;
}

/** The confirmation in a request's `authorization_details`, which have been checked; undefined where there is none. */
export function readConfirmation(json: unknown): Confirmation | undefined {
  if (typeof json !== 'string') return undefined;
  const { text, amount, payee } = z.tuple([confirmation]).parse(JSON.parse(json))[0];
  return { text, amount, payee };
}
