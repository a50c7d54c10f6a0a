import { z } from 'zod';
import type { FactorCodeRequest, TotpConfirmRequest } from '@/lib/contract';
import { name } from './passkey-schemas';
import { ceremony, country, programFields, session } from './schemas';

/** Longer than any code, no matter how people space it. */
const code = z.string('is required and must be text').max(64, 'must have at most 64 characters');

export const totpConfirmRequest = z.strictObject({ code, name, session, ceremony }) as z.ZodType<TotpConfirmRequest>;

export const factorCodeRequest = z.strictObject({
  phoneNumber: z.string('is required and must be text'),
  country,
  code,
  session,
  ...programFields,
}) as z.ZodType<FactorCodeRequest>;

/** The forms of the page where people change their factors. */
export const waysForm = z.strictObject({
  action: z.enum(['app', 'confirm-app', 'recovery-codes'], 'is unknown'),
  code: code.optional(),
  name,
});

/** The form that removes a factor: a form cannot send DELETE. */
export const removalForm = z.strictObject({ action: z.literal('remove', 'must be "remove"') });
