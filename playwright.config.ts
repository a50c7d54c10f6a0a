import { defineConfig, devices } from '@playwright/test';
import { chromiumPath } from '@/e2e/chromium';
import { APP_URL, SIMULATOR_PORT } from '@/e2e/servers';

/** Browser tests against the demo: the app's production build, and the simulator in place of Infobip. */
export default defineConfig({
  testDir: 'e2e',
  testIgnore: 'screenshots/**',
  // Files run side by side, because each uses phone numbers of its own.
  workers: 2,
  forbidOnly: true,
  // Long enough for a machine that is busy with other work.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    baseURL: APP_URL,
    trace: 'off',
    video: 'off',
    launchOptions: {
      ...(chromiumPath && { executablePath: chromiumPath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--disable-quic',
      ],
    },
  },
  webServer: {
    command: 'npx tsx scripts/demo.ts',
    url: APP_URL,
    reuseExistingServer: false,
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    env: {
      PORT: new URL(APP_URL).port,
      SIMULATOR_PORT: String(SIMULATOR_PORT),
      // Tests of other factors start apps of their own.
      FACTORS: 'off',
      // The first waits between messages are short, so that a test can wait for their end. The third outlasts a test.
      RESEND_COOLDOWN_SECONDS: '1,2,50',
      // The whole suite requests many codes from one address.
      FRAUD_GUARD: 'off',
      BUDGET_PER_HOUR: '1000',
      BUDGET_PER_DAY: '1000',
      LIMIT_SEND_PER_ADDRESS: '1000/1h',
      LIMIT_SEND_PER_NETWORK: '1000/1h',
      LIMIT_SEND_PER_NUMBER_AND_NETWORK: '5/1d',
      LIMIT_VERIFY_PER_ADDRESS: '1000/1h',
      LIMIT_VERIFY_PER_NETWORK: '1000/1h',
      LIMIT_REQUESTS_PER_ADDRESS: '100000/1m',
    },
  },
});
