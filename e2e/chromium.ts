import { existsSync } from 'node:fs';

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium to test with: `CHROMIUM_PATH`, or where distributions put it; undefined where there is none. */
export const chromiumPath: string | undefined = [process.env.CHROMIUM_PATH || [], USUAL_PLACES]
  .flat()
  .find((path) => existsSync(path));
