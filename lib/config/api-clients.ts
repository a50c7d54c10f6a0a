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
  manageFactors: z.boolean('must be true or false').optional(),
});

/** A program that calls the API with a key of its own: its id and a secret. */
export interface ApiClient {
  readonly id: string;
  /** SHA-256 of each valid secret, in lower-case hex. More than one while the operator replaces a key. */
  readonly secretHashes: readonly string[];
  /** The services that its proofs may be for, the default first. */
  readonly audiences: readonly [string, ...string[]];
  /** The most messages that the program may request in 24 hours; undefined if only the other limits apply. */
  readonly messagesPerDay: number | undefined;
  /**
   * The most that messages may cost in 24 hours, in 1/100,000 of the currency; undefined if only the other limits
   * apply.
   */
  readonly budgetPerDay: number | undefined;
  /** Whether it may add and remove people's factors, replace recovery codes and request resets. */
  readonly manageFactors: boolean;
}

function toClient(client: z.infer<typeof row>): ApiClient {
  const { id, secretHash, audiences, messagesPerDay, budgetPerDay, manageFactors = false } = client;
  const [first = id, ...others] = audiences ?? [];
  return {
    id,
    secretHashes: [secretHash].flat().map((hex) => hex.toLowerCase()),
    audiences: [first, ...others],
    messagesPerDay,
    budgetPerDay: budgetPerDay === undefined ? undefined : toPriceUnits(budgetPerDay),
    manageFactors,
  };
}

/** API_CLIENTS: the clients as JSON, or the path of a file with that JSON. */
export const apiClients = clientList({ row, idField: 'id', toClient, command: 'npm run -s keys -- --client NAME' });
