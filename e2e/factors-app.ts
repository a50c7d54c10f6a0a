import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makePrivacyKey } from '@/lib/config/keys';
import { startAnotherApp } from './another-app';

const CLOCK = path.resolve('__tests__/support/movable-clock.cjs');

/** An app with passkeys, authenticator apps and recovery codes. */
export interface FactorsApp {
  /** Moves the app's clock to this many days from now. */
  moveClock(days: number): void;
  stop(): void;
}

/**
 * Starts the built app with a database of its own.
 * @param more variables besides those that every such app has
 * @param build the folder of another build
 */
export async function startFactorsApp(
  url: string,
  more: Record<string, string> = {},
  build?: string,
): Promise<FactorsApp> {
  const folder = mkdtempSync(path.join(tmpdir(), 'factors-'));
  const clockFile = path.join(folder, 'clock');
  const variables = {
    APP_ORIGIN: new URL(url).origin,
    DATA_DIR: folder,
    PRIVACY_KEY: makePrivacyKey(),
    FRAUD_GUARD: 'off',
    // Some tests send two codes to a number within a second.
    RESEND_COOLDOWN_SECONDS: '0',
    BUDGET_PER_HOUR: '1000',
    BUDGET_PER_DAY: '1000',
    LIMIT_SEND_PER_ADDRESS: '1000/1h',
    LIMIT_SEND_PER_NETWORK: '1000/1h',
    LIMIT_VERIFY_PER_ADDRESS: '1000/1h',
    LIMIT_VERIFY_PER_NETWORK: '1000/1h',
    LIMIT_FACTORS_PER_ADDRESS: '1000/1h',
    LIMIT_FACTORS_PER_NETWORK: '1000/1h',
    LIMIT_REQUESTS_PER_ADDRESS: '100000/1m',
    NODE_OPTIONS: `--require ${CLOCK}`,
    CLOCK_FILE: clockFile,
    ...more,
  };
  const app = await startAnotherApp(url, variables, build);
  return {
    moveClock(days) {
      writeFileSync(clockFile, String(days * 24 * 60 * 60_000));
      app.kill('SIGUSR2');
    },
    stop() {
      app.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      app.kill();
    },
  };
}
