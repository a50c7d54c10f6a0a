import { existsSync } from 'node:fs';

/** Chromium without a window: tests take half the time. */
const HEADLESS = '/usr/bin/chromium-headless-shell';
const USUAL_PLACES = [HEADLESS, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium to test with: `CHROMIUM_PATH`, or where distributions put it; undefined if there is none. */
export const chromiumPath: string | undefined = [process.env.CHROMIUM_PATH || [], USUAL_PLACES]
  .flat()
  .find((path) => existsSync(path));
