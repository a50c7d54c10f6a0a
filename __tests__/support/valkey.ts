import { spawnSync } from 'node:child_process';

const installed = spawnSync('valkey-server', ['--version']).status === 0;
if (!installed)
  process.stderr.write('Valkey tests skipped: no valkey-server found (Debian 12 has no package for it).\n');

/** Tests that need a real Valkey: skipped if it is not installed, in CI as well. */
export const describeWithValkey: jest.Describe = installed ? describe : describe.skip;
