import { defineConfig } from '@playwright/test';
import config from './playwright.config';

/** `npm run screenshots`: the pictures in docs/, and with `ALL_STATES=directory` one of every state in every size. */
export default defineConfig(config, { testDir: 'e2e/screenshots', testIgnore: [] });
