import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import type { JWK } from 'jose';

/** Bytes of a privacy key: those of the HMAC-SHA256 and of the AES-256 keys made from it. */
const PRIVACY_KEY_BYTES = 32;

/** Standard or URL alphabet, with or without padding (RFC 4648, §4 and §5). */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Like `openssl rand -base64 32`. */
export const makePrivacyKey = (): string => randomBytes(PRIVACY_KEY_BYTES).toString('base64');

/** A private EC key on the curve P-256 (RFC 7518, §6.2), for ES256. */
export const makeProofKey = (): JWK =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as JWK;

const isPrivacyKey = (text: string): boolean =>
  BASE64.test(text) && Buffer.from(text, 'base64').length >= PRIVACY_KEY_BYTES;

/**
 * Reads keys in base64, separated by commas.
 * @returns undefined where one of them is no base64 of at least 32 bytes, or is there twice
 */
export function parsePrivacyKeys(text: string): readonly string[] | undefined {
  const keys = text.split(',').map((part) => part.trim());
  const bytes = new Set(keys.map((key) => Buffer.from(key, 'base64').toString('hex')));
  return keys.every(isPrivacyKey) && bytes.size === keys.length ? keys : undefined;
}

/** Whether it is a private P-256 key whose halves belong together. */
function isProofKey(jwk: unknown): jwk is JWK {
  if (typeof jwk !== 'object' || jwk === null) return false;
  const { kty, crv, d, kid } = jwk as JWK;
  if (kty !== 'EC' || crv !== 'P-256' || typeof d !== 'string') return false;
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) return false;
  try {
    const key = createPrivateKey({ key: jwk as { kty: 'EC' }, format: 'jwk' });
    const test = randomBytes(16);
    return verify('sha256', test, createPublicKey(key), sign('sha256', test, key));
  } catch {
    return false;
  }
}

/**
 * Reads one private JWK (RFC 7517), or a JSON array of them.
 * @returns undefined where one of them is no private P-256 key, or is there twice
 */
export function parseProofKeys(text: string): readonly JWK[] | undefined {
  try {
    const parsed = [JSON.parse(text) as unknown].flat();
    if (parsed.length === 0 || !parsed.every(isProofKey)) return undefined;
    const distinct = new Set(parsed.map(({ x }) => x)).size === parsed.length;
    const kids = parsed.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
    return distinct && new Set(kids).size === kids.length ? parsed : undefined;
  } catch {
    return undefined;
  }
}
