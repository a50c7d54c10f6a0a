/** `npm run reseal`: encrypts the database of factors again under the newest privacy key. */
import { CommandError, endWith, UsageError } from './command';
import { inDatabase } from './database';

const USAGE = `Usage: npm run reseal   (DATA_DIR or DATABASE_URL, and PRIVACY_KEY, in the environment or in .env.local)

Encrypts every account of the database of factors again under the first key in PRIVACY_KEY. Run it once all servers have
that key first, and before you remove the older ones. Servers can keep running.`;

const accounts = (count: number) => (count === 1 ? 'one account' : `${count} accounts`);

async function reseal(): Promise<string> {
  return inDatabase(async (store) => {
    const resealed = await store.reseal();
    const { accounts: all, underOlderKeys, underMissingKeys } = await store.keyUse();
    const unreadable = underOlderKeys + underMissingKeys;
    const done = `Encrypted ${accounts(resealed)} again under the newest key.`;
    if (unreadable > 0)
      throw new CommandError(
        `${done} ${unreadable} of ${accounts(all)} need a key that PRIVACY_KEY does not contain. Add it at the end of the list, and run this again.`,
      );
    return `${done} The database needs no older key.`;
  });
}

async function main([word]: readonly string[]): Promise<void> {
  if (word === '--help') return void process.stdout.write(`${USAGE}\n`);
  if (word !== undefined) throw new UsageError(USAGE);
  process.stdout.write(`${await reseal()}\n`);
}

main(process.argv.slice(2)).catch(endWith);
