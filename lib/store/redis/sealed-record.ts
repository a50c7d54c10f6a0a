import { z } from 'zod';
import type { Privacy } from '@/lib/privacy';
import type { Destination, Scope, VerificationRecord } from '@/lib/store/verifications';

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

const content = z.tuple([z.string(), z.string()]);

/** The place of a verification's encrypted part. */
const placeOf = (key: string) => `verification ${key}`;

/** @param key of the verification: moved to another one, it cannot be opened */
export const sealContent = (
  privacy: Privacy,
  key: string,
  { subject, methodState }: Pick<VerificationRecord, 'subject' | 'methodState'>,
): string => privacy.seal(JSON.stringify([subject, methodState]), placeOf(key));

/** Undefined where its privacy key is gone, or somebody else wrote into it. */
export function openContent(
  privacy: Privacy,
  key: string,
  sealed: string,
): Pick<VerificationRecord, 'subject' | 'methodState'> | undefined {
  const text = privacy.open(sealed, placeOf(key));
  if (text === undefined) return undefined;
  const [subject, methodState] = content.parse(JSON.parse(text));
  return { subject, methodState };
}

export function openRecord(
  privacy: Privacy,
  key: string,
  { sealed, ...record }: z.infer<typeof recordReply>,
): VerificationRecord | undefined {
  const opened = openContent(privacy, key, sealed);
  return opened && { ...record, ...opened };
}
