import { createCipheriv, createDecipheriv, hash as digest, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { hmacSha256 } from './hmac';

/** Turns personal data in the store and in logs into forms that nobody can read without a privacy key. */
export interface Privacy {
  /** Ids of the keys, the newest first; they reveal nothing about the keys. */
  readonly keyIds: readonly [string, ...string[]];
  /**
   * A keyed hash of a phone number or a client's address, under the newest key: 22 characters of base64url. Equal
   * values have equal hashes, so that they can be counted and searched for.
   */
  pseudonym(kind: PseudonymKind, value: string): string;
  /** The hashes of a value under every key, the newest first, to find what was stored under an older key. */
  pseudonyms(kind: PseudonymKind, value: string): readonly string[];
  /**
   * Encrypts a value for one place.
   * @param place where the value is kept: if it is moved to another place, nobody can open it
   */
  seal(text: string, place: string): string;
  /** Undefined if the value was sealed under a key that is gone or for another place, or was changed. */
  open(sealed: string, place: string): string | undefined;
  /**
   * A signature (HMAC-SHA256) of a text, under the newest key: 43 characters of base64url. The text stays readable.
   * @param purpose what the text is for: a signature for one purpose is invalid for another
   */
  sign(purpose: string, text: string): string;
  /** Whether one of the keys made the signature, for this text and this purpose. */
  verify(purpose: string, text: string, signature: string): boolean;
  /**
   * Secrets for a library that signs on its own: one for each key, the newest first, 43 characters of base64url each.
   * @param purpose what the library signs: the secrets for one purpose reveal nothing about those for another
   */
  secrets(purpose: string): readonly [string, ...string[]];
}

export type PseudonymKind = 'number' | 'address';

/** NIST SP 800-38D, §8.2.2: random nonces of 96 bits, for at most 2^32 values under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 4;
/** 128 bits, so that no two numbers share a pseudonym. */
const PSEUDONYM_BYTES = 16;
/** One request needs the same few pseudonyms again and again, and the next requests need some of them. */
const REMEMBERED_PSEUDONYMS = 1000;
const REMEMBERED_MS = 60_000;

/** A key for one purpose (HKDF, RFC 5869). */
const derive = (key: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', `phone-verification ${purpose}`, 32));

function deriveAll(base64: string) {
  const key = Buffer.from(base64, 'base64');
  return {
    id: derive(key, 'key id').subarray(0, KEY_ID_BYTES),
    pseudonym: hmacSha256(derive(key, 'pseudonyms')),
    seal: derive(key, 'values'),
    sign: hmacSha256(derive(key, 'signatures')),
    secrets: hmacSha256(derive(key, 'secrets')),
  };
}

type Mac = ReturnType<typeof hmacSha256>;

const shortened = (mac: Mac, named: string): string =>
  Buffer.from(mac(named).slice(0, 2 * PSEUDONYM_BYTES), 'hex').toString('base64url');

const signature = (mac: Mac, purpose: string, text: string): string =>
  Buffer.from(mac(JSON.stringify([purpose, text])), 'hex').toString('base64url');

function isEqual(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The hash of a random id of 128 or more bits. It can be compared, but nobody can find the id from it. */
export const fingerprint = (secret: string): string => digest('sha256', secret, 'base64url');

/**
 * @param keys in base64, at least one, the newest first; checked by `parsePrivacyKeys`
 */
export function createPrivacy(keys: readonly string[]): Privacy {
  const [newest, ...older] = keys.map(deriveAll);
  if (!newest) throw new Error('A privacy key is needed.');
  const all = [newest, ...older];
  const recent = new LRUCache<string, string>({ max: REMEMBERED_PSEUDONYMS, ttl: REMEMBERED_MS, ttlAutopurge: true });

  return {
    keyIds: [newest.id.toString('hex'), ...older.map(({ id }) => id.toString('hex'))],
    pseudonym(kind, value) {
      const named = `${kind}:${value}`;
      const known = recent.get(named);
      if (known !== undefined) return known;
      const pseudonym = shortened(newest.pseudonym, named);
      recent.set(named, pseudonym);
      return pseudonym;
    },
    pseudonyms: (kind, value) => all.map(({ pseudonym }) => shortened(pseudonym, `${kind}:${value}`)),

    seal(text, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', newest.seal, nonce).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([newest.id, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },

    open(sealed, place) {
      const bytes = Buffer.from(sealed, 'base64url');
      // Accept one spelling only: Node's decoder skips invalid characters, and ignores the spare bits of the last one.
      if (bytes.toString('base64url') !== sealed) return undefined;
      const key = all.find(({ id }) => id.equals(bytes.subarray(0, KEY_ID_BYTES)));
      if (!key || bytes.length < KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES) return undefined;
      const nonce = bytes.subarray(KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES);
      const body = bytes.subarray(KEY_ID_BYTES + NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key.seal, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(place)).setAuthTag(body.subarray(0, TAG_BYTES));
      try {
        return decipher.update(body.subarray(TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },

    sign: (purpose, text) => signature(newest.sign, purpose, text),
    verify: (purpose, text, given) => all.some(({ sign }) => isEqual(given, signature(sign, purpose, text))),
    secrets: (purpose) => [
      signature(newest.secrets, purpose, ''),
      ...older.map(({ secrets }) => signature(secrets, purpose, '')),
    ],
  };
}
