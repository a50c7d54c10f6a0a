import { z } from 'zod';
import type { Privacy } from '@/lib/privacy';
import type { Destination, Scope, VerificationContext, VerificationRecord } from '@/lib/store/verifications';

/** JSON, which scripts pass through. */
const destination = z
  .string()
  .optional()
  .transform((json) => (json === undefined ? undefined : (JSON.parse(json) as Destination)));

/** A verification as scripts return it. */
export const recordReply = z.object({
  sealed: z.string(),
  method: z.string(),
  scope: z.custom<Scope>((value) => typeof value === 'string'),
  destination,
  challenge: z.string(),
  attemptsUsed: z.number(),
  remainingMs: z.number(),
});

/** The parts of a verification that Redis holds encrypted. */
type Content = Pick<VerificationRecord, 'subject' | 'methodState' | 'context'>;

/** Only we can have sealed the context, so its fields need no check. */
const context = z.custom<VerificationContext>((value) => typeof value === 'object' && value !== null);
const content = z.tuple([z.string(), z.string(), context.optional()]);

/** The place that a verification's encrypted part is bound to. */
const placeOf = (key: string) => `verification ${key}`;

/** @param key the verification's key. Under any other key, the content cannot be opened. */
export const sealContent = (privacy: Privacy, key: string, { subject, methodState, context }: Content): string =>
  privacy.seal(JSON.stringify([subject, methodState, ...(context ? [context] : [])]), placeOf(key));

/** Undefined if its privacy key is gone, or if somebody else wrote into it. */
export function openContent(privacy: Privacy, key: string, sealed: string): Content | undefined {
  const text = privacy.open(sealed, placeOf(key));
  if (text === undefined) return undefined;
  const [subject, methodState, context] = content.parse(JSON.parse(text));
  return { subject, methodState, ...(context && { context }) };
}

export function openRecord(
  privacy: Privacy,
  key: string,
  { sealed, ...record }: z.infer<typeof recordReply>,
): VerificationRecord | undefined {
  const opened = openContent(privacy, key, sealed);
  return opened && { ...record, ...opened };
}
