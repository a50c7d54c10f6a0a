/**
 * `npm start`: serves the production build. Plain JavaScript, because a production install has no TypeScript runner.
 * Arguments go to `next start`.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';

const PARENT_CHECK_MS = 500;

// A shell that npm starts does not pass on SIGTERM. When the shell disappears, this process sends the signal to itself.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS).unref();
}

function endWith(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { hostname: { type: 'string', short: 'H' }, port: { type: 'string', short: 'p' } },
  strict: false,
});

// Next treats a port out of range as a crash, and exits with 0.
const port = String(values.port ?? (process.env.PORT?.trim() || '3000'));
if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
  endWith(`${values.port === undefined ? 'PORT' : '--port'} must be a whole number from 0 to 65535.`);

if (!existsSync('.next/BUILD_ID')) endWith('There is no build yet. Run npm run build, then start again.');

/** Why the server cannot listen there. Next would print a stack trace instead. */
const REASONS = {
  EADDRINUSE: 'is taken. Set PORT to a free one, or stop the program that uses it.',
  EACCES: 'requires privileges that this user does not have. Set PORT to 1024 or higher.',
};

/** Tries to listen on the port that Next is about to use. */
async function requireFree(wanted, host) {
  const probe = createServer().listen({ port: wanted, host });
  try {
    await once(probe, 'listening');
  } catch ({ code }) {
    // Other errors concern the address, and Next reports them.
    if (code in REASONS) endWith(`Port ${wanted} ${REASONS[code]}`);
    return;
  }
  probe.close();
  await once(probe, 'close');
}

await requireFree(Number(port), typeof values.hostname === 'string' ? values.hostname : undefined);

process.argv.splice(2, 0, 'start', '-p', port);
createRequire(import.meta.url)('next/dist/bin/next');
