import { spawnSync } from 'node:child_process';
import { apiClients } from '@/lib/config/api-clients';
import { createApiKeys } from '@/lib/http/api-keys';

const run = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', '--', 'scripts/keys.ts', ...args], { encoding: 'utf8' });

test('--client prints a key, and an entry that accepts only this key', () => {
  const [one, other] = [run('--client', 'shop').stdout, run('--client', 'shop').stdout];
  const keyIn = (text: string) => /shop:([\w-]{43})/.exec(text)?.[0] ?? '';
  const entry = /\{.*\}/.exec(one)?.[0];
  const keys = createApiKeys(apiClients.parse(`[${entry}]`), () => []);
  const holderOf = (key: string) => keys.holderOf(`Basic ${Buffer.from(key).toString('base64')}`);
  expect(holderOf(keyIn(one))).toMatchObject({ id: 'shop' });
  expect(holderOf(keyIn(other))).toBeUndefined();
  expect(entry).not.toContain(keyIn(one).slice(5));
});

test('--client refuses an id that no client can have', () => {
  expect(run('--client', 'my shop')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('letters'),
  });
});
