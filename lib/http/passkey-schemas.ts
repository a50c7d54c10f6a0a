import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import type { PasskeyEnrollRequest, PasskeyVerifyRequest, SessionRequest } from '@/lib/contract';
import { ceremony, programFields, session } from './schemas';

/** The largest body with a passkey's credential. Its keys and signatures may take some kilobytes. */
export const MAX_CREDENTIAL_BYTES = 8192;

const RULE = "must be what toJSON of the browser's PublicKeyCredential returns";

const binary = z.string(RULE).regex(/^[A-Za-z0-9_-]+$/, RULE);

/** At most 1023 bytes (WebAuthn Level 3, §5.8.3). */
const id = z.string(RULE).regex(/^[A-Za-z0-9_-]{1,1364}$/, RULE);

/** Accepts unknown fields: later editions of WebAuthn add some, and browsers send them before we know them. */
const credential = <Response extends z.ZodType>(response: Response) =>
  z.looseObject({ id, rawId: id, type: z.literal('public-key', RULE), response }, RULE);

/** A factor's name: anything that a person writes, without control characters, line breaks and unpaired surrogates. */
export const name = z
  .string('must be text')
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,64}$/u, 'must have 1 to 64 characters, without control characters')
  .optional();

export type EnrollBody = Omit<PasskeyEnrollRequest, 'credential'> & { readonly credential: RegistrationResponseJSON };
export type VerifyBody = Omit<PasskeyVerifyRequest, 'credential'> & { readonly credential: AuthenticationResponseJSON };

export const sessionRequest = z.strictObject({ session }) as z.ZodType<SessionRequest>;

export const enrollRequest = z.strictObject({
  credential: credential(
    z.looseObject(
      { clientDataJSON: binary, attestationObject: binary, transports: z.array(z.string(RULE), RULE).optional() },
      RULE,
    ),
  ),
  name,
  session,
  ceremony,
}) as unknown as z.ZodType<EnrollBody>;

export const passkeyVerifyRequest = z.strictObject({
  credential: credential(
    z.looseObject(
      { clientDataJSON: binary, authenticatorData: binary, signature: binary, userHandle: z.string(RULE).nullish() },
      RULE,
    ),
  ),
  session,
  ceremony,
  ...programFields,
}) as unknown as z.ZodType<VerifyBody>;
