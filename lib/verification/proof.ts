import { createPrivateKey, type JsonWebKeyInput, type KeyObject, randomUUID, sign } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import type { Config } from '@/lib/config/config';
import type { Channel } from '@/lib/contract';
import type { VerificationContext } from '@/lib/store/verifications';

/** The lifetime of a proof and of a session, in seconds. */
export const PROOF_TTL_SECONDS = 15 * 60;

const ALGORITHM = 'ES256';
/** Tells a proof from other JWTs of the same issuer, such as ID tokens (RFC 8725, §3.11). */
const TYPE = 'phone-proof+jwt';

/** The code's channel, listed after `otp` (RFC 8176, §2). */
const AMR = { sms: 'sms', voice: 'tel' } as const satisfies Record<Channel, string>;

/** How a number was verified, for tokens and proofs: `["otp", "sms"]` or `["otp", "tel"]`. */
export const amrOf = (method: string): string[] => ['otp', method === 'voice' ? AMR.voice : AMR.sms];

/** A signed proof. */
export interface Proof {
  readonly jwt: string;
  /** Its `jti`. */
  readonly id: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Proves to other programs that a number was verified. */
export interface Proofs {
  /**
   * A signed JWT (RFC 7519): `sub` the number in E.164, `iss`, `aud`, `iat`, `exp`, `jti`, and `amr` `["otp", "sms"]` or
   * `["otp", "tel"]`; `nonce` and `purpose` where the context has them.
   * @param context its audience takes the place of the configured one
   */
  sign(phoneNumber: string, method: string, context?: VerificationContext): Proof;
  /** The public keys, as a JWK Set (RFC 7517, §5). */
  publicKeys(): { keys: JWK[] };
  /** Whether a stored proof of this service has a key that is still published. */
  isOurs(proof: string): boolean;
}

/** The content of one of our proofs. */
export interface Proven {
  readonly phoneNumber: string;
  readonly channel: Channel;
  readonly verifiedAt: Date;
  readonly expiresAt: Date;
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Signs claims in the compact form of a JWS (RFC 7515, §3.1 and §7.1) with ES256 (RFC 7518, §3.4). Not with jose, which
 * runs each signature in a thread of Node's pool: that takes three times the CPU time of the signature itself.
 * @param header base64url
 */
function signedJwt(header: string, claims: object, key: KeyObject): string {
  const signed = `${header}.${base64url(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** @param keys private keys, at least one. The first signs; all are published, so that keys can be rotated */
export function createProofs({ keys, issuer, audience }: Config['proof']): Proofs {
  const [signing] = keys;
  if (!signing) throw new Error('A key for proofs is needed.');
  const key = createPrivateKey({ key: { ...signing }, format: 'jwk' } satisfies JsonWebKeyInput);
  const header = base64url({ alg: ALGORITHM, kid: signing.kid, typ: TYPE });
  const published = keys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: ALGORITHM, use: 'sig' }));

  return {
    sign(phoneNumber, method, { audience: aud = audience, nonce, purpose } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const id = randomUUID();
      const expires = now + PROOF_TTL_SECONDS;
      const amr = amrOf(method);
      // JSON leaves out what is undefined.
      const claims = { amr, sub: phoneNumber, iss: issuer, aud, iat: now, exp: expires, jti: id, nonce, purpose };
      return {
        jwt: signedJwt(header, claims, key),
        id,
        issuedAt: new Date(now * 1000),
        expiresAt: new Date(expires * 1000),
      };
    },
    publicKeys: () => ({ keys: published }),
    isOurs: (proof) => keys.some(({ kid }) => kid === decodeProtectedHeader(proof).kid),
  };
}

/** Reads a proof that this service made and stored itself; checks nothing. */
export function readProof(proof: string): Proven {
  const { sub = '', iat = 0, exp = 0, amr } = decodeJwt<{ amr: string[] }>(proof);
  return {
    phoneNumber: sub,
    channel: amr.includes(AMR.voice) ? 'voice' : 'sms',
    verifiedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
  };
}
