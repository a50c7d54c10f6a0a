import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiClient } from '@/lib/config/api-clients';
import type { ProgramFields } from '@/lib/contract';
import type { VerificationContext } from '@/lib/store/verifications';
import type { Program } from '@/lib/verification/caller';

/** A program that has presented a valid key. */
export interface KeyHolder extends Program {
  /** The services that its proofs may be for, the default first. */
  readonly audiences: ApiClient['audiences'];
  /** Whether it may change people's factors. */
  readonly manageFactors: boolean;
}

/** The keys of the configured programs. */
export interface ApiKeys {
  /**
   * The program whose key a request carries; undefined if no program has the key.
   * @param header `Authorization`, with the program's id and secret in HTTP Basic (RFC 7617, §2)
   */
  holderOf(header: string): KeyHolder | undefined;
}

/** What a verification keeps about the program that asked for it; undefined if no program did. */
export const contextOf = (
  holder: KeyHolder | undefined,
  { audience = holder?.audiences[0], nonce, purpose }: ProgramFields,
): VerificationContext | undefined => holder && { client: holder.id, audience, nonce, purpose };

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The id and the secret; both empty if the header has another form. */
function credentialsIn(header: string): [id: string, secret: string] {
  const [, base64 = ''] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  const text = Buffer.from(base64, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

/**
 * Compares secrets by a plain hash. That is enough, because a secret has 256 bits, so nobody can try them all.
 * @param rowsOf returns a client's own limits
 */
export function createApiKeys(clients: readonly ApiClient[], rowsOf: (client: ApiClient) => Program['rows']): ApiKeys {
  const known = new Map(
    clients.map((client) => {
      const { id, audiences, manageFactors, secretHashes } = client;
      const hashes = secretHashes.map((hex) => Buffer.from(hex, 'hex'));
      return [id, { hashes, holder: { id, audiences, manageFactors, rows: rowsOf(client) } }] as const;
    }),
  );
  return {
    holderOf(header) {
      const [id, secret] = credentialsIn(header);
      const client = known.get(id);
      const given = sha256(secret);
      return client?.hashes.some((hash) => timingSafeEqual(hash, given)) ? client.holder : undefined;
    },
  };
}
