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

// Next would end on a bad PORT with words of its own; the configuration's check names it with all other faults.
const port = process.env.PORT?.trim() || '3000';
const usable = /^\d{1,5}$/.test(port) && Number(port) <= 65_535;

process.argv.splice(2, 0, 'start', '-p', usable ? port : '0');
createRequire(import.meta.url)('next/dist/bin/next');
