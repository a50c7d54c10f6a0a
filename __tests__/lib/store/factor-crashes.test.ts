import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { useEmbedded } from '@/__tests__/support/factor-databases';
import { newAccount, newTotp } from '@/__tests__/support/factor-records';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';

const KEY = makePrivacyKey();
const STEPS = 60;

describe('processes on one embedded database', () => {
  const database = useEmbedded();
  const open = () => database.open(createPrivacy([KEY]));
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function startProcess(task: string, words: readonly string[] = []) {
    const program = ['--import', 'tsx', '__tests__/support/factor-process.ts', database.settings.dataDir ?? '', KEY];
    const child = spawn(process.execPath, [...program, task, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  /** Kills a process as soon as it has printed that many lines. @returns all that it printed */
  async function killAfter(lines: number, child: ReturnType<typeof startProcess>): Promise<string[]> {
    const printed: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      printed.push(line);
      if (printed.length === lines) child.kill('SIGKILL');
    }
    return printed;
  }

  test('an account that was created survives SIGKILL, and one that was removed stays gone', async () => {
    const created = await killAfter(30, startProcess('create'));
    expect(created.length).toBeGreaterThanOrEqual(30);
    const store = open();
    for (const id of created) expect((await store.findAccountById(id))?.factors).toHaveLength(1);

    const removed = await killAfter(10, startProcess('remove', created.slice(0, 20)));
    expect(removed.length).toBeGreaterThanOrEqual(10);
    for (const id of removed) expect(await store.findAccountById(id)).toBeUndefined();
    expect(await store.findAccountById(created[29] ?? '')).toBeDefined();
  });

  test('two processes use each time step once', async () => {
    const store = open();
    const totp = newTotp({ lastStep: 0 });
    await store.createAccount(newAccount(), totp);
    const used = await Promise.all(
      [1, 2].map(async () => {
        const child = startProcess('use', [totp.id, String(STEPS)]);
        const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
        return Number(line);
      }),
    );
    expect(used.reduce((sum, count) => sum + count)).toBe(STEPS);
  });
});
