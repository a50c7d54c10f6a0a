import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';
import config from './playwright.config';

const server = config.webServer as Exclude<PlaywrightTestConfig['webServer'], undefined | unknown[]>;
/** The usual waits, for pictures that people see. With `ALL_STATES` they stay short: one state comes after a wait. */
const waits = process.env.ALL_STATES ? {} : { RESEND_COOLDOWN_SECONDS: '30,60,120,240' };

/** `npm run screenshots`: takes the pictures in docs/. With `ALL_STATES=directory`, takes every state in every size. */
export default defineConfig({
  ...config,
  testDir: 'e2e/screenshots',
  testIgnore: [],
  webServer: { ...server, env: { ...server.env, ...waits } },
});
