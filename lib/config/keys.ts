import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import type { JWK } from 'jose';

/** Length of a privacy key in bytes: that of the HMAC-SHA256 and AES-256 keys derived from it. */
const PRIVACY_KEY_BYTES = 32;

/** Standard or URL alphabet, with or without padding (RFC 4648, §4 and §5). */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Creates a key in the form that `openssl rand -base64 32` prints. */
export const makePrivacyKey = (): string => randomBytes(PRIVACY_KEY_BYTES).toString('base64');

/** A private EC key on the curve P-256 (RFC 7518, §6.2), for ES256, with no members besides its id. */
export interface ProofKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d: string;
  readonly kid: string;
}

/** @param kid default: its thumbprint (RFC 7638, §3) */
function toProofKey(key: KeyObject, kid?: string): ProofKey {
  const { x = '', y = '', d = '' } = key.export({ format: 'jwk' });
  const members = { crv: 'P-256', kty: 'EC', x, y } as const;
  const thumbprint = createHash('sha256').update(JSON.stringify(members)).digest('base64url');
  return { ...members, d, kid: kid ?? thumbprint };
}

export const makeProofKey = (): ProofKey => toProofKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

const isPrivacyKey = (text: string): boolean =>
  BASE64.test(text) && Buffer.from(text, 'base64').length >= PRIVACY_KEY_BYTES;

/**
 * Reads keys in base64, separated by commas.
 * @returns undefined if one of them is not base64 of at least 32 bytes, or occurs twice
 */
export function parsePrivacyKeys(text: string): readonly string[] | undefined {
  const keys = text.split(',').map((part) => part.trim());
  const bytes = new Set(keys.map((key) => Buffer.from(key, 'base64').toString('hex')));
  return keys.every(isPrivacyKey) && bytes.size === keys.length ? keys : undefined;
}

/** 192 to 512 bits: Standard Webhooks, "Signature scheme". */
const WEBHOOK_SECRET_BYTES = { least: 24, most: 64 } as const;

function isWebhookSecret(text: string): boolean {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  const { least, most } = WEBHOOK_SECRET_BYTES;
  return bytes.toString('base64') === base64 && bytes.length >= least && bytes.length <= most;
}

/**
 * Reads secrets as Standard Webhooks writes them, separated by commas.
 * @returns undefined if one of them is not `whsec_` and padded base64 of 24 to 64 bytes, or occurs twice
 */
export function parseWebhookSecrets(text: string): readonly string[] | undefined {
  const secrets = text.split(',').map((part) => part.trim());
  return secrets.every(isWebhookSecret) && new Set(secrets).size === secrets.length ? secrets : undefined;
}

/** The values that a JWK's use, operations and algorithm must have if it states them (RFC 7517, §4.2 to §4.4). */
const signs = ({ use = 'sig', alg = 'ES256', key_ops: operations = ['sign'] }: JWK): boolean =>
  use === 'sig' && alg === 'ES256' && Array.isArray(operations) && operations.includes('sign');

/** Undefined if it is not a private P-256 key for signatures, or its private and public parts do not match. */
function readProofKey(jwk: unknown): ProofKey | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined;
  const { kty, crv, d, kid } = jwk as JWK;
  if (kty !== 'EC' || crv !== 'P-256' || typeof d !== 'string' || !signs(jwk as JWK)) return undefined;
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) return undefined;
  try {
    const key = createPrivateKey({ key: jwk as { kty: 'EC' }, format: 'jwk' });
    const test = randomBytes(16);
    return verify('sha256', test, createPublicKey(key), sign('sha256', test, key)) ? toProofKey(key, kid) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads one private JWK (RFC 7517), or a JSON array of them.
 * @returns undefined if one of them is not a private P-256 key for signatures, a key occurs twice, or two keys share an
 * id
 */
export function parseProofKeys(text: string): readonly ProofKey[] | undefined {
  try {
    const keys = [JSON.parse(text) as unknown].flat().map(readProofKey);
    const known = keys.filter((key) => key !== undefined);
    if (known.length === 0 || known.length < keys.length) return undefined;
    const isOnce = (pick: (key: ProofKey) => string) => new Set(known.map(pick)).size === known.length;
    return isOnce(({ x, y }) => x + y) && isOnce(({ kid }) => kid) ? known : undefined;
  } catch {
    return undefined;
  }
}
