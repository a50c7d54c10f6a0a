import { defineConfig } from '@playwright/test';
import config from './playwright.config';

/** `npm run screenshots`: takes the pictures in docs/. With `ALL_STATES=directory` it takes every state in every size. */
export default defineConfig(config, { testDir: 'e2e/screenshots', testIgnore: [] });
