/**
 * `npm run -s keys >> .env.local`: prints new keys, as lines of an env file. With `--client`, prints a key for an API
 * client and its entry for API_CLIENTS. Keep the keys secret.
 */
import { createHash, randomBytes } from 'node:crypto';
import { apiClients } from '@/lib/config/api-clients';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';
import { CommandError, endWith, readArguments } from './command';

const USAGE = `Usage: npm run -s keys >> .env.local      (prints PRIVACY_KEY and PROOF_PRIVATE_JWK)
       npm run -s keys -- --client ID     (prints a key for the API, and the client's entry for API_CLIENTS)`;

/** 256 bits. */
const SECRET_BYTES = 32;

// The last line of the file may have no line break.
const serverKeys = () => `\nPRIVACY_KEY=${makePrivacyKey()}\nPROOF_PRIVATE_JWK='${JSON.stringify(makeProofKey())}'`;

function clientKey(id: string): string {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const entry = { id, secretHash: createHash('sha256').update(secret).digest('hex') };
  const { error } = apiClients.safeParse(JSON.stringify([entry]));
  if (error) throw new CommandError(`--client ${error.issues[0]?.message}`);
  return [
    "The client's key, for HTTP Basic. Save it now, because only its hash is kept:",
    `  ${id}:${secret}`,
    '',
    'Its entry for the list in API_CLIENTS:',
    `  ${JSON.stringify(entry)}`,
  ].join('\n');
}

async function main(argv: readonly string[]): Promise<void> {
  const options = { client: { type: 'string' }, help: { type: 'boolean' } } as const;
  const { client, help } = readArguments(argv, options, { name: 'keys', usage: USAGE });
  process.stdout.write(`${help ? USAGE : client === undefined ? serverKeys() : clientKey(client)}\n`);
}

main(process.argv.slice(2)).catch(endWith);
