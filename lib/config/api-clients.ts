import { z } from 'zod';
import { clientId, clientList } from './client-list';
import { name, toPriceUnits } from './environment-values';

const HASH_RULE =
  'must be the SHA-256 of the secret, as 64 hexadecimal digits, or a list of them while you replace a key';

const hash = z.string(HASH_RULE).regex(/^[0-9a-f]{64}$/i, HASH_RULE);

const row = z.strictObject({
  id: clientId,
  secretHash: z.union([hash, z.array(hash).min(1)], HASH_RULE),
  audiences: z.array(name, 'must be a list of names').min(1, 'must name at least one').optional(),
  messagesPerDay: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(999_999_999, 'is too large')
    .optional(),
  budgetPerDay: z
    .number('must be an amount in the currency of the prices')
    .min(0.01, 'must be at least 0.01')
    .max(9_999_999, 'is too large')
    .optional(),
});

/** A program that calls the API with a key of its own: its id and a secret. */
export interface ApiClient {
  readonly id: string;
  /** SHA-256 of each secret that counts, in lower-case hex: more than one while a key is replaced. */
  readonly secretHashes: readonly string[];
  /** Who its proofs may be for, the default first. */
  readonly audiences: readonly [string, ...string[]];
  /** Messages that it may have sent in 24 hours; undefined for as many as the other limits allow. */
  readonly messagesPerDay: number | undefined;
  /** The price of these messages, in whole 1/100,000 of the currency. */
  readonly budgetPerDay: number | undefined;
}

function toClient({ id, secretHash, audiences, messagesPerDay, budgetPerDay }: z.infer<typeof row>): ApiClient {
  const [first = id, ...others] = audiences ?? [];
  return {
    id,
    secretHashes: [secretHash].flat().map((hex) => hex.toLowerCase()),
    audiences: [first, ...others],
    messagesPerDay,
    budgetPerDay: budgetPerDay === undefined ? undefined : toPriceUnits(budgetPerDay),
  };
}

/** API_CLIENTS: the clients themselves as JSON, or the path of a file that holds it. */
export const apiClients = clientList({ row, idField: 'id', toClient, command: 'npm run -s keys -- --client NAME' });
