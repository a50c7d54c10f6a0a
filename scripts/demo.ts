/** `npm run demo`: the simulator and the app in production mode. Needs no account and no settings. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BASE_PATH } from '@/lib/base-path';
import { VARIABLES } from '@/lib/config/environment';
import { makePrivacyKey } from '@/lib/config/keys';
import { SEED } from '@/simulator/seed';
import { type Simulator, startSimulator } from '@/simulator/simulator';
import { buildIfNeeded, NEXT } from './build';
import { CommandError, endWith, UsageError } from './command';

const USAGE = `Usage: npm run demo

Builds the app if needed, starts it in production mode together with a simulator of Infobip, and prints an address that
shows the page beside an inbox. Ctrl-C stops both. It takes no options, but reads these variables from the environment:

  PORT             Port of the page (3000)
  SIMULATOR_PORT   Port of the simulator and its inbox (4010)`;

const appUrl = (port: number) => `http://localhost:${port}${BASE_PATH}`;
const READY_WITHIN_MS = 60_000;
const PARENT_CHECK_MS = 500;

const say = (text: string) => process.stdout.write(`${text}\n`);

/** A port from the environment. */
function portFrom(name: 'PORT' | 'SIMULATOR_PORT', fallback: number): number {
  const text = process.env[name]?.trim() || String(fallback);
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535) return Number(text);
  throw new Error(`${name} must be a port, from 1 to 65535.`);
}

/** Fails if another program uses the port: that program might answer in place of the demo. */
async function requireFree(name: 'PORT' | 'SIMULATOR_PORT', port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  await once(probe, 'listening').catch(() => {
    throw new Error(`port ${port} is taken. Set ${name} to a free one.`);
  });
  probe.close();
  await once(probe, 'close');
}

/** Hides the variables of env files behind blank values. The shell's own variables still count. */
const shellOnly = (): Record<string, string> =>
  Object.fromEntries(VARIABLES.map((name) => [name, process.env[name] ?? '']));

/** A home country, which gets calls and the most credit, unless the shell chooses one or lists countries. */
const homeCountry = (): Record<string, string> => {
  const chosen = ['HOME_COUNTRY', 'ALLOWED_COUNTRIES', 'BLOCKED_COUNTRIES'].some((name) => process.env[name]?.trim());
  return chosen ? {} : { HOME_COUNTRY: 'US' };
};

/**
 * Settings for passkeys and authenticator apps, with a database in this folder, unless the shell chooses another one or
 * none. The privacy key is usually new each time, and only that key can read the database. So the database is new, too.
 */
const factors = (folder: string): Record<string, string> => {
  const chosen = ['FACTORS', 'DATABASE_URL', 'DATA_DIR'].some((name) => process.env[name]?.trim());
  return chosen ? {} : { DATA_DIR: folder, PRIVACY_KEY: process.env.PRIVACY_KEY?.trim() || makePrivacyKey() };
};

/** Settings that even the shell does not change. */
const settings = (port: number, simulator: Simulator): Record<string, string> => ({
  INFOBIP_BASE_URL: simulator.url,
  INFOBIP_API_KEY: SEED.apiKey,
  INFOBIP_2FA_APP_ID: SEED.applicationId,
  INFOBIP_2FA_MESSAGE_ID: SEED.smsMessageId,
  INFOBIP_2FA_VOICE_MESSAGE_ID: '',
  APP_ORIGIN: '',
  DEMO_INBOX_URL: simulator.inboxUrl,
  PORT: String(port),
  NODE_ENV: 'production',
  NEXT_TELEMETRY_DISABLED: '1',
});

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}${BASE_PATH}/api/health`)).ok;
  } catch {
    return false;
  }
}

const introduction = (url: string, inboxUrl: string): string => `
The demo is running. Open

  ${url}/demo

to see the page beside an inbox: messages arrive there instead of on a phone. Each has an address of its own, too:

  Page    ${url}
  Inbox   ${inboxUrl}

Or with curl; the code is in the inbox:

  curl -X POST ${url.slice(7)}/api/send-otp   -H 'Content-Type: application/json' -d '{"phoneNumber": "+14155552671"}'
  curl -X POST ${url.slice(7)}/api/verify-otp -H 'Content-Type: application/json' -d '{"pinId": "…", "pin": "123456"}'

Press Ctrl-C to stop.
`;

/** Stops the app on the first signal, or when the shell that npm started is gone. A second signal kills it. */
function stopOnSignal(app: ChildProcess): { readonly stopping: boolean } {
  const state = { stopping: false };
  const stop = () => {
    if (!state.stopping) say('Stopping …');
    app.kill(state.stopping ? 'SIGKILL' : 'SIGTERM');
    state.stopping = true;
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && !state.stopping) stop();
  }, PARENT_CHECK_MS).unref();
  return state;
}

async function run(): Promise<number> {
  const port = portFrom('PORT', 3000);
  const simulatorPort = portFrom('SIMULATOR_PORT', 4010);
  await requireFree('PORT', port);
  await requireFree('SIMULATOR_PORT', simulatorPort);
  buildIfNeeded();
  const simulator = await startSimulator({ port: simulatorPort });
  const folder = mkdtempSync(path.join(tmpdir(), 'phone-verification-demo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const chosen = { ...shellOnly(), ...homeCountry(), ...factors(folder) };
  const app = spawn(process.execPath, [NEXT, 'start', '-H', '127.0.0.1'], {
    env: { ...process.env, ...chosen, ...settings(port, simulator) } as NodeJS.ProcessEnv,
    stdio: ['ignore', process.env.LOG_LEVEL ? 'inherit' : 'ignore', 'inherit'],
  });
  const ended = once(app, 'exit') as Promise<[number | null]>;
  const state = stopOnSignal(app);

  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (app.exitCode === null && !state.stopping && !(await isReady(port))) {
    if (Date.now() > giveUpAt) app.kill('SIGTERM');
    await sleep(100);
  }
  if (app.exitCode === null && !state.stopping) say(introduction(appUrl(port), simulator.inboxUrl));

  const [code] = await ended;
  await simulator.close();
  return state.stopping ? 0 : (code ?? 1);
}

async function main([word]: readonly string[]): Promise<void> {
  if (word === '--help') return void say(USAGE);
  if (word !== undefined) throw new UsageError(USAGE);
  process.exitCode = await run().catch((error: Error) => {
    throw new CommandError(`The demo could not start: ${error.message}`);
  });
}

main(process.argv.slice(2)).catch(endWith);
