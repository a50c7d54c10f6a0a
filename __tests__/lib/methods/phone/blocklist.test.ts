import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describeWithRedis } from '@/__tests__/support/redis';
import { useRedis } from '@/__tests__/support/use-app';
import { until } from '@/__tests__/webhooks/receiver';
import { ConfigError } from '@/lib/config/config';
import { makePrivacyKey } from '@/lib/config/keys';
import { createBlocklist, isBlocklistEntry, parseBlocklist, readBlocklistFile } from '@/lib/methods/phone/blocklist';
import { createPrivacy } from '@/lib/privacy';
import { createBlockedNumbers } from '@/lib/store/redis/blocked-numbers';

const NUMBER = '+252612345678';

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('It was read');
}

test.each([
  [['+252612'], NUMBER, true],
  [[NUMBER], NUMBER, true],
  [['+2'], NUMBER, true],
  [['+2526123456789'], NUMBER, false],
  [['+252613'], NUMBER, false],
  [['+1', '+44', '+2526123'], NUMBER, true],
  [[], NUMBER, false],
])('with %j blocked, the answer for %s is %p', (entries, number, expected) => {
  expect(createBlocklist(entries).isBlocked(number)).toBe(expected);
});

test.each(['252612', '+0252', '+', '+25261x', '+2526 12', '+1234567890123456', '', '*'])(
  '%p is not an entry',
  (text) => {
    expect(isBlocklistEntry(text)).toBe(false);
  },
);

describe('the file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'blocklist-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('has an entry per line, comments and blank lines, with any line ending', () => {
    const file = path.join(folder, 'blocked.txt');
    writeFileSync(file, `# Somalia\r\n+252612\r\n\n  ${NUMBER}  # by hand\n`);
    expect(readBlocklistFile(file)).toEqual(['+252612', NUMBER]);
    expect(readBlocklistFile(undefined)).toEqual([]);
  });

  test('causes a fault that names its faulty lines, and repeats no number', () => {
    const faults = faultsOf(() => parseBlocklist(`+252612\n252612345678\n\n${NUMBER},${NUMBER}\n`));
    expect(faults).toEqual([expect.stringMatching(/^BLOCKED_NUMBERS_FILE has lines .*: 2, 4\.$/)]);
    expect(faults.join()).not.toContain('252612345678');
  });

  test('causes a fault with the reason if it is missing', () => {
    expect(faultsOf(() => readBlocklistFile(path.join(folder, 'nothing')))).toEqual([
      expect.stringMatching(/^BLOCKED_NUMBERS_FILE cannot be read \(ENOENT\)/),
    ]);
    expect(faultsOf(() => readBlocklistFile(folder))).toEqual([expect.stringMatching(/\(EISDIR\)/)]);
  });
});

describe('a source', () => {
  test('keeps its last answer if it fails, and is asked again', async () => {
    const answers: (readonly string[] | undefined)[] = [undefined, ['+252612'], undefined, undefined];
    let asked = 0;
    const list = createBlocklist(
      ['+44'],
      {
        async read() {
          const answer = answers[asked];
          asked += 1;
          if (!answer) throw new Error('It does not answer');
          return answer;
        },
      },
      5,
    );
    expect([list.isBlocked(NUMBER), list.isBlocked('+447400123456')]).toEqual([false, true]);
    while (asked < 4) await sleep(5);
    expect([list.isBlocked(NUMBER), list.isBlocked('+447400123456')]).toEqual([true, true]);
    list.close();
  });
});

describeWithRedis('in Redis', () => {
  const POLL_MS = 50;
  const server = useRedis();
  const key = makePrivacyKey();
  let redis: Redis;
  beforeEach(async () => {
    await server.command('FLUSHALL');
    redis = new Redis(server.url);
  });
  afterEach(() => redis.disconnect());

  const numbers = (...keys: string[]) => createBlockedNumbers(redis, createPrivacy(keys.length > 0 ? keys : [key]));

  /** Waits until the list gives the expected answer: long on a busy machine, but less than the usual time between polls. */
  const untilBlocked = (list: ReturnType<typeof createBlocklist>, expected: boolean): Promise<void> =>
    until(() => list.isBlocked(NUMBER) === expected, 100 * POLL_MS);

  test('an addition or removal takes effect in every running instance at its next poll', async () => {
    const lists = [1, 2].map(() => createBlocklist([], numbers(), POLL_MS));
    expect(await numbers().add(['+252612'])).toBe(1);
    for (const list of lists) await untilBlocked(list, true);
    expect(await numbers().remove(['+252612'])).toBe(1);
    for (const list of lists) {
      await untilBlocked(list, false);
      list.close();
    }
  });

  test('an entry stays blocked while Redis is gone', async () => {
    await numbers().add([NUMBER]);
    redis.on('error', () => undefined);
    const list = createBlocklist([], numbers(), POLL_MS);
    await untilBlocked(list, true);
    redis.disconnect();
    await sleep(3 * POLL_MS);
    expect(list.isBlocked(NUMBER)).toBe(true);
    list.close();
  });

  test('adding twice adds once, and removing something absent removes nothing', async () => {
    expect(await numbers().add([NUMBER, NUMBER, '+44'])).toBe(2);
    expect(await numbers().add([NUMBER])).toBe(0);
    expect([...(await numbers().read())].sort()).toEqual([NUMBER, '+44'].sort());
    expect(await numbers().remove([NUMBER, '+45'])).toBe(1);
    expect(await numbers().read()).toEqual(['+44']);
  });

  test('nobody can read a number there without the key', async () => {
    await numbers().add([NUMBER]);
    const kept = JSON.stringify(await redis.hgetall('phone-verification:blocked'));
    expect(kept).not.toContain(NUMBER.slice(1, 7));
    expect(await numbers(makePrivacyKey()).read()).toEqual([]);
  });

  test('entries survive a change of the privacy key', async () => {
    const newest = makePrivacyKey();
    await numbers(key).add([NUMBER]);
    expect(await numbers(newest, key).read()).toEqual([NUMBER]);
    expect(await numbers(key).read()).toEqual([NUMBER]);
    expect(await numbers(newest).read()).toEqual([NUMBER]);
    expect(await numbers(newest, key).remove([NUMBER])).toBe(1);
    expect([await numbers(newest).read(), await numbers(key).read()]).toEqual([[], []]);
  });
});
