import type { Config } from '@/lib/config/config';
import { AppError } from '@/lib/errors';

/** The domain that passkeys belong to, and the origins of the pages that may use them. */
export type RelyingParty = Pick<NonNullable<Config['factors']>, 'rpId' | 'origins'>;

/** @throws {AppError} NOT_FOUND if factors are switched off */
export function relyingPartyOf({ factors }: Config): RelyingParty {
  if (!factors) throw new AppError('NOT_FOUND');
  return factors;
}

/**
 * ES256, EdDSA and RS256 (RFC 9053, §2; RFC 8812, §2), which together cover all common authenticators. The one that
 * most of them support comes first.
 */
export const ALGORITHMS = [-7, -8, -257];

/**
 * The library takes 20 MB of memory and some time to load, so only servers that need it load it, with the first
 * passkey.
 */
export const loadWebAuthn = () => import('@simplewebauthn/server');
export const loadHelpers = () => import('@simplewebauthn/server/helpers');
