/** `npm run demo`: the simulator and the app in production mode, with nothing to install, to sign up for or to set. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SEED } from '@/simulator/seed';
import { startSimulator } from '@/simulator/simulator';
import { buildIfNeeded, NEXT } from './build';

const port = Number(process.env.PORT || 3000);
const appUrl = `http://localhost:${port}`;
const READY_WITHIN_MS = 60_000;

const say = (text: string) => process.stdout.write(`${text}\n`);

/** What the demo decides; a blank takes the value out of any env file. The rest of the environment is passed on. */
const settings = (simulatorUrl: string, inboxUrl: string): Record<string, string> => ({
  INFOBIP_BASE_URL: simulatorUrl,
  INFOBIP_API_KEY: SEED.apiKey,
  INFOBIP_2FA_APP_ID: SEED.applicationId,
  INFOBIP_2FA_MESSAGE_ID: SEED.smsMessageId,
  INFOBIP_2FA_VOICE_MESSAGE_ID: '',
  INFOBIP_SENDER_ID: '',
  INFOBIP_PLACEHOLDERS: '',
  APP_ORIGIN: '',
  TRUSTED_PROXY_HOPS: '0',
  DEMO_INBOX_URL: inboxUrl,
  PORT: String(port),
  NODE_ENV: 'production',
  NEXT_TELEMETRY_DISABLED: '1',
});

async function isReady(): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/api/health`)).ok;
  } catch {
    return false;
  }
}

const introduction = (inboxUrl: string): string => `
The demo is running.

  Page    ${appUrl}
  Inbox   ${inboxUrl}   (messages arrive here instead of on a phone)

Or with curl; the code is in the inbox:

  curl -X POST ${appUrl.slice(7)}/api/send-otp   -H 'Content-Type: application/json' -d '{"phoneNumber": "+14155552671"}'
  curl -X POST ${appUrl.slice(7)}/api/verify-otp -H 'Content-Type: application/json' -d '{"pinId": "…", "pin": "123456"}'

Press Ctrl-C to stop.
`;

async function main(): Promise<number> {
  buildIfNeeded();
  const simulator = await startSimulator({ port: Number(process.env.SIMULATOR_PORT || 4010) });
  const app = spawn(process.execPath, [NEXT, 'start', '-H', '127.0.0.1'], {
    env: { ...process.env, ...settings(simulator.url, simulator.inboxUrl) } as NodeJS.ProcessEnv,
    stdio: ['ignore', process.env.LOG_LEVEL ? 'inherit' : 'ignore', 'inherit'],
  });
  const ended = once(app, 'exit') as Promise<[number | null]>;
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopping = true;
      app.kill('SIGTERM');
    });
  }

  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (app.exitCode === null && !stopping && !(await isReady())) {
    if (Date.now() > giveUpAt) app.kill('SIGTERM');
    await sleep(100);
  }
  if (app.exitCode === null && !stopping) say(introduction(simulator.inboxUrl));

  const [code] = await ended;
  await simulator.close();
  return stopping ? 0 : (code ?? 1);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`The demo could not start: ${error.message}\n`);
    process.exitCode = 1;
  },
);
