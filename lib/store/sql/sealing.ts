import { randomBytes } from 'node:crypto';
import { hmacSha256 } from '@/lib/hmac';
import type { Privacy } from '@/lib/privacy';
import { unavailable } from './database';

/** What the cause of STORE_UNAVAILABLE says if no privacy key opens a value. */
export const UNREADABLE = 'privacy keys';

/** What is encrypted in the database, each value bound to its place. */
export interface Sealing {
  readonly number: Place<[accountId: string]>;
  readonly recoveryKey: Place<[accountId: string]>;
  readonly secret: Place<[accountId: string, factorId: string]>;
}

interface Place<Ids extends string[]> {
  seal(text: string, ...ids: Ids): string;
  /** @throws {AppError} STORE_UNAVAILABLE if no privacy key opens the value */
  open(sealed: string, ...ids: Ids): string;
}

export function createSealing(privacy: Privacy): Sealing {
  const place = (kind: string) => ({
    seal: (text: string, ...ids: string[]) => privacy.seal(text, [kind, ...ids].join(' ')),
    open(sealed: string, ...ids: string[]) {
      const text = privacy.open(sealed, [kind, ...ids].join(' '));
      if (text === undefined) throw unavailable(UNREADABLE);
      return text;
    },
  });
  return { number: place('account number'), recoveryKey: place('account recovery'), secret: place('factor secret') };
}

const RECOVERY_KEY_BYTES = 32;

export const makeRecoveryKey = (): string => randomBytes(RECOVERY_KEY_BYTES).toString('base64url');

/**
 * The form in which recovery codes are stored: keyed hashes, because anyone with a leaked database could otherwise
 * guess the codes. Each account has its own key, which can be encrypted again under another privacy key. The hashes
 * cannot.
 */
export function hashRecoveryCodes(key: string, codes: readonly string[]): readonly string[] {
  const mac = hmacSha256(Buffer.from(key, 'base64url'));
  return codes.map((code) => Buffer.from(mac(code), 'hex').toString('base64url'));
}
