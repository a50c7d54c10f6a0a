import { hash } from 'node:crypto';

/** Bytes in a block of SHA-256, and in its digest. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER = 0x36;
const OUTER = 0x5c;
/** Space for a text; a longer one gets its own buffer. */
const TEXT_BYTES = 256;

/**
 * HMAC-SHA256 (RFC 2104, §2) under one key, built on the platform's one-shot hash. Creating an `Hmac` object for each
 * value takes several times as long, and every request needs several HMACs.
 * @param key of at most 64 bytes
 * @returns a function that computes the HMAC of a text, in hex
 */
export function hmacSha256(key: Buffer): (text: string) => string {
  if (key.length > BLOCK_BYTES) throw new Error('The key is too long.');
  const inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i += 1) {
    inner[i] = (key[i] ?? 0) ^ INNER;
    outer[i] = (key[i] ?? 0) ^ OUTER;
  }
  return (text) => {
    const length = BLOCK_BYTES + Buffer.byteLength(text);
    const message = length <= inner.length ? inner : Buffer.concat([inner], length);
    message.write(text, BLOCK_BYTES);
    outer.write(hash('sha256', message.subarray(0, length), 'hex'), BLOCK_BYTES, 'hex');
    return hash('sha256', outer, 'hex');
  };
}
