import { ConfigError, loadConfig } from '@/lib/config';

/**
 * Ends the process with status 1 and every fault on standard error, when the configuration cannot work. Throwing instead
 * would leave a server that answers 500 to everything.
 */
export function exitOnBadConfiguration(): void {
  try {
    loadConfig();
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
