import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import type { ResendRequest, SendRequest, VerifyRequest } from '@/lib/contract';
import { LANGUAGES, type Language } from '@/lib/i18n/languages';
import { isCeremonyToken } from '@/lib/verification/ceremony';
import { isToken } from '@/lib/verification/token';

/**
 * The bodies that the routes accept: known fields of the right types and nothing else. The use cases decide what a
 * phone number or a PIN must look like, and answer with codes of their own.
 */
const channel = z.enum(['sms', 'voice'], 'must be "sms" or "voice"').optional();

const languages = Object.keys(LANGUAGES) as Language[];

const chosenLanguage = z.enum(languages, `must be one of ${languages.map((name) => `"${name}"`).join(', ')}`);

const language = chosenLanguage.optional();

const COUNTRY_RULE = 'must be a two-letter country code (ISO 3166-1 alpha-2)';

export const country = z
  .string('must be text')
  // Uppercasing also turns other characters into two letters, such as the ligature U+FB01 into FI.
  .regex(/^[A-Za-z]{2}$/, COUNTRY_RULE)
  .transform((value) => value.toUpperCase())
  .refine((value) => isSupportedCountry(value), COUNTRY_RULE)
  .optional();

const pinId = z
  .string('must be text')
  .refine(isToken, 'is not a well-formed pinId: send it exactly as you received it')
  .optional();

/** A solution has about 700 characters; a ticket is shorter. */
const MAX_SOLUTION_LENGTH = 1500;

/** This checks only the size. The challenge checks the solution itself, and an invalid one counts as none. */
const solution = z
  .string('must be text')
  .max(MAX_SOLUTION_LENGTH, `must have at most ${MAX_SOLUTION_LENGTH} characters`)
  .optional();

const clientAddress = z.string('must be text').max(80, 'must have at most 80 characters').optional();

/** Fields for programs with a key. */
export const programFields = {
  clientAddress,
  audience: z.string('must be text').max(256, 'must have at most 256 characters').optional(),
  nonce: z
    .string('must be text')
    .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 plain characters without spaces')
    .optional(),
  purpose: z.enum(['sign-up', 'login', 'confirm'], 'must be "sign-up", "login" or "confirm"').optional(),
};

export const sendRequest = z.strictObject({
  phoneNumber: z.string('is required and must be text'),
  country,
  channel,
  language,
  solution,
  ...programFields,
}) as z.ZodType<SendRequest>;

export const resendRequest = z.strictObject({
  channel,
  language,
  pinId,
  solution,
  clientAddress,
}) as z.ZodType<ResendRequest>;

/** Token of a session, for programs. */
export const session = z
  .string('must be text')
  .refine(isToken, 'is not a well-formed session: send it exactly as you received it')
  .optional();

/** Token of a ceremony that a program has begun. */
export const ceremony = z
  .string('must be text')
  .refine(isCeremonyToken, 'is not a well-formed ceremony: send it exactly as you received it')
  .optional();

export const verifyRequest = z.strictObject({
  pin: z.string('is required and must be text'),
  pinId,
  ceremony,
  session,
  clientAddress,
}) as z.ZodType<VerifyRequest>;

/** A form of a login's page: the person's decision, or a choice of language. */
export const loginForm = z.object({
  action: z.enum(['cancel', 'continue'], 'must be "cancel" or "continue"').optional(),
  lang: chosenLanguage.optional(),
  phoneNumber: z.string('must be text').max(32, 'must have at most 32 characters').optional(),
  country,
});

/** The page's form for a number, sent by a button that chooses a language. Other fields have no effect. */
export const languageForm = z.object({
  lang: chosenLanguage,
  phoneNumber: z.string('is required and must be text').max(32, 'must have at most 32 characters'),
  country,
});

/**
 * The form for a code that does not come in a message, sent by a button that chooses a language or another kind of
 * code.
 */
export const signInForm = z.object({
  lang: chosenLanguage.optional(),
  with: z.enum(['totp', 'recovery-code'], 'must be "totp" or "recovery-code"').optional(),
  phoneNumber: z.string('must be text').max(32, 'must have at most 32 characters').optional(),
  country,
});
