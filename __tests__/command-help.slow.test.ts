import { spawnSync } from 'node:child_process';
import packageJson from '@/package.json';

/** Runs an npm script as npm does, with these arguments and an empty environment. */
function run(name: 'demo' | 'simulator', word: string) {
  const [program, ...first] = packageJson.scripts[name].split(' ');
  if (program !== 'node') throw new Error(`Cannot run this program: ${program}`);
  const { PATH } = process.env;
  const env = { PATH, PORT: '0', SIMULATOR_PORT: 'none' } as unknown as NodeJS.ProcessEnv;
  return spawnSync(process.execPath, [...first, word], { encoding: 'utf8', env });
}

describe.each(['demo', 'simulator'] as const)('npm run %s', (name) => {
  const usage = expect.stringMatching(new RegExp(`^Usage: npm run ${name}\n[^]*SIMULATOR_PORT`));

  test('prints its usage with --help, and starts nothing', () => {
    const { status, stdout, stderr } = run(name, '--help');
    expect([status, stdout, stderr]).toEqual([0, usage, '']);
  });

  test('refuses unknown words with exit code 2', () => {
    const { status, stdout, stderr } = run(name, '--port=4000');
    expect([status, stdout, stderr]).toEqual([2, '', usage]);
  });
});
