import { createPrivateKey, type JsonWebKeyInput, type KeyObject, randomUUID, sign } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import type { Config } from '@/lib/config/config';
import type { Channel } from '@/lib/contract';
import type { FactorType } from '@/lib/store/factors';
import type { VerificationContext } from '@/lib/store/verifications';

/** The lifetime of a proof and of a session, in seconds. */
export const PROOF_TTL_SECONDS = 15 * 60;

const ALGORITHM = 'ES256';
/** Distinguishes a proof from other JWTs of the same issuer, such as ID tokens (RFC 8725, §3.11). */
const TYPE = 'phone-proof+jwt';

/**
 * How strong a verification is: `phr` with a passkey, which withstands phishing (OpenID EAP ACR Values 1.0, §2), `otp`
 * with an authenticator app or a recovery code, `restricted` with a code over the phone network (NIST SP 800-63B-4,
 * §3.2.9).
 */
export type Acr = 'phr' | 'otp' | 'restricted';

/** What a proof says. */
export interface Statement {
  /** E.164. */
  readonly phoneNumber: string;
  /** How the person authenticated (RFC 8176, §2). */
  readonly amr: readonly string[];
  readonly acr: Acr;
  /** Id of the account, if one of its factors authenticated or was added in this session. */
  readonly account?: string | undefined;
  /** The account's `sessionsSince` when it was read. The session remembers it; the proof does not have it. */
  readonly sessionsSince?: number | undefined;
  /** By default now. A proof expires a fixed time after this moment. */
  readonly authenticatedAt?: Date | undefined;
  /** When a code last showed that the number is this person's. By default the time of authentication. */
  readonly phoneVerifiedAt?: Date | undefined;
  /** The number's factors that are stronger than what this verification used. */
  readonly stronger?: readonly FactorType[] | undefined;
}

/** The code's channel, listed after `otp` (RFC 8176, §2). */
const AMR = { sms: 'sms', voice: 'tel' } as const satisfies Record<Channel, string>;

/** How a number was verified, for tokens and proofs: `["otp", "sms"]` or `["otp", "tel"]`. */
export const amrOf = (method: string): string[] => ['otp', method === 'voice' ? AMR.voice : AMR.sms];

/** What a code for a number proves, without any factor. */
export const statementOfCode = (phoneNumber: string, method: string): Statement => ({
  phoneNumber,
  amr: amrOf(method),
  acr: 'restricted',
});

/** A signed proof. */
export interface Proof {
  readonly jwt: string;
  /** The proof's `jti`. */
  readonly id: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Proves to other programs that a number was verified. */
export interface Proofs {
  /**
   * A signed JWT (RFC 7519): `sub` the number in E.164, `iss`, `aud`, `iat`, `exp`, `jti`, `auth_time`, and the
   * statement under the names in docs/proof.md; `nonce` and `purpose` if the context has them.
   * @param context its audience takes the place of the configured one
   */
  sign(statement: Statement, context?: VerificationContext): Proof;
  /** The public keys, as a JWK Set (RFC 7517, §5). */
  publicKeys(): { keys: JWK[] };
  /** Whether the key that signed a stored proof of this service is still published. */
  isOurs(proof: string): boolean;
}

/** The content of one of our proofs. */
export interface Proven extends Required<Pick<Statement, 'phoneNumber' | 'amr' | 'acr'>> {
  readonly account: string | undefined;
  /** Undefined if nobody entered a code. */
  readonly channel: Channel | undefined;
  /** When the person authenticated. */
  readonly verifiedAt: Date;
  readonly phoneVerifiedAt: Date;
  readonly stronger: readonly FactorType[] | undefined;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** What the proof was signed for. */
  readonly context: Pick<VerificationContext, 'audience' | 'nonce' | 'purpose'>;
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

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
    sign(
      { phoneNumber, amr, acr, account, authenticatedAt, phoneVerifiedAt, stronger },
      { audience: aud = audience, nonce, purpose } = {},
    ) {
      const now = Math.floor(Date.now() / 1000);
      const id = randomUUID();
      const authTime = authenticatedAt ? seconds(authenticatedAt) : now;
      const expires = authTime + PROOF_TTL_SECONDS;
      // JSON leaves out what is undefined.
      const claims = {
        amr,
        acr,
        acct: account,
        sub: phoneNumber,
        iss: issuer,
        aud,
        iat: now,
        auth_time: authTime,
        phone_verified_at: phoneVerifiedAt ? seconds(phoneVerifiedAt) : authTime,
        exp: expires,
        jti: id,
        stronger,
        nonce,
        purpose,
      };
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

interface Claims {
  readonly amr: readonly string[];
  // Proofs of earlier versions may lack the claims below.
  readonly acr?: Acr;
  readonly acct?: string;
  readonly auth_time?: number;
  readonly phone_verified_at?: number;
  readonly stronger?: readonly FactorType[];
  readonly nonce?: string;
  readonly purpose?: VerificationContext['purpose'];
}

const CHANNELS = Object.keys(AMR) as Channel[];

/** Reads a proof that this service made and stored itself; checks nothing. */
export function readProof(proof: string): Proven {
  const { sub = '', iat = 0, exp = 0, aud, ...claims } = decodeJwt<Claims>(proof);
  const { amr, acr = 'restricted', acct, stronger, nonce, purpose, auth_time: authTime = iat } = claims;
  return {
    phoneNumber: sub,
    amr,
    acr,
    account: acct,
    channel: CHANNELS.find((channel) => amr.includes(AMR[channel])),
    verifiedAt: new Date(authTime * 1000),
    phoneVerifiedAt: new Date((claims.phone_verified_at ?? authTime) * 1000),
    stronger,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    context: { audience: String(aud), nonce, purpose },
  };
}
