/**
 * `npm start`: serves the production build. Plain JavaScript, since a production install has no TypeScript runner.
 * Arguments go to `next start`.
 */
import { createRequire } from 'node:module';

const PARENT_CHECK_MS = 500;

// A shell that npm runs us in does not pass SIGTERM on: when it goes, we go, and drain.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS).unref();
}

// Next takes a port out of range for a crash, and ends with status 0.
const port = process.env.PORT?.trim() || '3000';
if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
  process.stderr.write('PORT must be a whole number from 0 to 65535.\n');
  process.exit(1);
}

process.argv.splice(2, 0, 'start', '-p', port);
createRequire(import.meta.url)('next/dist/bin/next');
