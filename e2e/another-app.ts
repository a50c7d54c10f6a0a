import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEXT } from '@/scripts/build';
import { SEED } from '@/simulator/seed';
import { SIMULATOR_PORT } from './servers';

/**
 * Starts the built app with other variables, beside the one that all tests share. The caller ends it.
 * @param folder the folder of its build
 */
export async function startAnotherApp(url: string, more: Record<string, string>, folder = '.'): Promise<ChildProcess> {
  const { PATH, HOME } = process.env;
  const environment = {
    PATH,
    HOME,
    NODE_ENV: 'production',
    INFOBIP_BASE_URL: `http://127.0.0.1:${SIMULATOR_PORT}`,
    INFOBIP_API_KEY: SEED.apiKey,
    INFOBIP_2FA_APP_ID: SEED.applicationId,
    INFOBIP_2FA_MESSAGE_ID: SEED.smsMessageId,
    ...more,
  } as unknown as NodeJS.ProcessEnv;
  const app = spawn(process.execPath, [NEXT, 'start', folder, '-H', '127.0.0.1', '-p', new URL(url).port], {
    env: environment,
    stdio: 'ignore',
  });
  const answers = () =>
    fetch(`${url}/api/health`).then(
      (reply) => reply.ok,
      () => false,
    );
  // Ends the app even if the caller gave up waiting for it, and so cannot end it.
  process.once('exit', () => app.kill());
  while (!(await answers())) {
    if (app.exitCode !== null) throw new Error(`The app at ${url} did not start.`);
    await sleep(50);
  }
  return app;
}
