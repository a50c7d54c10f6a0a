import { z } from 'zod';

/** A single line that the page shows unchanged. */
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

/** The action that a person confirms with the code. The client writes it, and the page shows it as plain text. */
export interface Confirmation {
  readonly text: string;
  /** For display: `120.00 EUR`. */
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

/**
 * The confirmation in a request's `authorization_details`, which must already be checked; undefined if there is none.
 */
export function readConfirmation(json: unknown): Confirmation | undefined {
  if (typeof json !== 'string') return undefined;
  const { text, amount, payee } = z.tuple([confirmation]).parse(JSON.parse(json))[0];
  return { text, amount, payee };
}
