import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, loadConfig } from '@/lib/config/config';
import { readBlocklistFile } from '@/lib/methods/phone/blocklist';

/**
 * Ends the process with status 1 and every fault on standard error, when the configuration cannot work. Throwing instead
 * would leave a server that answers 500 to everything.
 */
export function exitOnBadConfiguration(): void {
  try {
    readBlocklistFile(loadConfig().blockedNumbersFile);
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

const POLL_MS = 20;

/** Gives the store a moment to connect. One that is down keeps nothing from starting: it is used as soon as it is there. */
export async function waitForStore(ping: () => Promise<void>, withinMs: number): Promise<void> {
  const answers = () =>
    ping().then(
      () => true,
      () => false,
    );
  for (let waited = 0; waited < withinMs && !(await answers()); waited += POLL_MS) await sleep(POLL_MS);
}
