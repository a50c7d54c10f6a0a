import { describeWithRedis } from '@/__tests__/support/redis';
import { runScript } from '@/__tests__/support/script';
import { useApp, useRedis } from '@/__tests__/support/use-app';
import { makePrivacyKey } from '@/lib/config/keys';

const NUMBER = '+14155552671';
const OTHER = '+14155552672';
const FRESH = '+14155552678';
const WRONG = '000000';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The longest life of each kind of key, as docs/privacy.md says. */
const LONGEST_MS: Readonly<Record<string, number>> = {
  v3: 20 * MINUTE,
  s: 15 * MINUTE,
  n: 30 * DAY,
  // Credit that a message took, until the bucket is full again.
  a: 8 * 60 * MINUTE,
  w: 8 * 60 * MINUTE,
  e: DAY,
  // Codes verified recently in a country.
  d: 36 * DAY,
  k: 365 * DAY,
};

/** The default of the guard, with a home country. */
const GUARD = { FRAUD_GUARD: 'enforce', HOME_COUNTRY: 'US' };

/** All that remains of an erased number: the time of the erasure, which voids earlier device cookies. */
const ERASURE = {
  what: 'erasure',
  values: { erasedAt: expect.stringMatching(/Z$/) },
  heldUntil: expect.stringMatching(/Z$/),
};

describeWithRedis('stored data about a number', () => {
  const PRIVACY_KEY = makePrivacyKey();
  const redis = useRedis();
  const { app, simulator } = useApp(
    () => ({ REDIS_URL: redis.url, PRIVACY_KEY, LIMIT_SEND_PER_NUMBER: '20/1d', ...GUARD }),
    {
      resetEach: false,
    },
  );

  const erase = (...words: string[]) => runScript('erase', words, { REDIS_URL: redis.url, PRIVACY_KEY });

  /** Verifies a number once, sends another code and enters a wrong one. */
  async function use(number: string): Promise<string> {
    const first = await app.send(number);
    await app.verify(first.body.pinId, await simulator.pinFor(number));
    const { body } = await app.send(number);
    await app.verify(body.pinId, WRONG);
    return body.pinId;
  }

  const allKeys = async () => (await redis.command('KEYS', '*')) as string[];

  test('appears in no key or value in plain text, nor do addresses and pinIds, and all of it expires', async () => {
    await use(NUMBER);
    const pinIds = (await simulator.messages(NUMBER)).map(({ pinId }) => pinId);
    const keys = await allKeys();
    expect(keys.length).toBeGreaterThan(5);
    for (const key of keys) {
      const type = await redis.command('TYPE', key);
      const value = JSON.stringify(await (type === 'hash' ? redis.command('HGETALL', key) : redis.command('GET', key)));
      for (const text of [key, value]) {
        // A proof begins like every JWT.
        for (const secret of [NUMBER.slice(1), '127.0.0.1', 'eyJ', ...pinIds]) expect(text).not.toContain(secret);
      }
      const [, kind = ''] = key.split(':');
      const ttl = Number(await redis.command('PTTL', key));
      expect([key, ttl > 0, ttl <= (LONGEST_MS[kind] ?? 0)]).toEqual([key, true, true]);
    }
  });

  test('is visible to an operator, without secrets, and stays unchanged', async () => {
    await use(NUMBER);
    const before = await allKeys();
    const { status, stdout } = await erase('--show', '+1 415 555 2671');
    const held = JSON.parse(stdout);
    expect([status, held.phoneNumber]).toEqual([0, NUMBER]);
    const kinds = held.entries.map((entry: { what: string }) => entry.what);
    expect(new Set(kinds)).toEqual(new Set(['verification', 'session', 'waits', 'wrong codes', 'limit']));
    expect(held.entries).toContainEqual({
      what: 'verification',
      values: { channel: 'sms', attemptsUsed: 1, codeExpiresAt: expect.stringMatching(/Z$/), country: 'US' },
      heldUntil: expect.stringMatching(/Z$/),
    });
    for (const { pinId } of await simulator.messages(NUMBER)) expect(stdout).not.toContain(pinId);
    expect((await allKeys()).sort()).toEqual(before.sort());
  });

  test('is complete for a number that nobody has entered a code for', async () => {
    await app.send(FRESH);
    const { status, stdout } = await erase('--show', FRESH);
    const kinds = JSON.parse(stdout).entries.map((entry: { what: string }) => entry.what);
    expect([status, new Set(kinds)]).toEqual([0, new Set(['verification', 'waits', 'limit'])]);
    await erase(FRESH);
  });

  test('comes with the pseudonym that log lines use for the number', async () => {
    const line = await app.logLineOf(await app.send(NUMBER));
    expect(JSON.parse((await erase('--show', NUMBER)).stdout).pseudonyms).toEqual([line.phone]);
  });

  test('is removed completely, and data about others stays', async () => {
    const pinId = await use(NUMBER);
    const others = await use(OTHER);
    expect((await erase(NUMBER)).stdout).toMatch(/^Removed \d+ entries\.\n$/);
    expect(JSON.parse((await erase('--show', NUMBER)).stdout).entries).toEqual([ERASURE]);
    expect((await app.verify(pinId, await simulator.pinFor(NUMBER))).body.code).toBe('PIN_NOT_FOUND');
    expect((await app.verify(others, await simulator.pinFor(OTHER))).status).toBe(200);
    expect((await erase(NUMBER)).stdout).toBe('Removed 0 entries.\n');
  });

  test("stays if it is an operator's block of the number, and the command says so", async () => {
    const guard = (...words: string[]) => runScript('guard', words, { REDIS_URL: redis.url, PRIVACY_KEY });
    await use(NUMBER);
    expect((await guard('block', NUMBER)).status).toBe(0);
    const blocked = { what: 'blocked', values: {}, heldUntil: 'an operator unblocks it' };
    expect(JSON.parse((await erase('--show', NUMBER)).stdout).entries).toContainEqual(blocked);
    expect((await erase(NUMBER)).stdout).toMatch(
      /^Removed \d+ entries\. The number stays blocked\. To unblock it, run npm run guard -- unblock\.\n$/,
    );
    expect(JSON.parse((await erase('--show', NUMBER)).stdout).entries).toEqual([ERASURE, blocked]);
    expect((await guard('unblock', NUMBER)).status).toBe(0);
    expect(JSON.parse((await erase('--show', NUMBER)).stdout).entries).toEqual([ERASURE]);
  });

  test('is found even under a replaced key', async () => {
    await use(NUMBER);
    const keys = `${makePrivacyKey()},${PRIVACY_KEY}`;
    expect((await runScript('erase', [NUMBER], { REDIS_URL: redis.url, PRIVACY_KEY: keys })).stdout).toMatch(
      /^Removed \d/,
    );
    expect(JSON.parse((await erase('--show', NUMBER)).stdout).entries).toEqual([ERASURE]);
  });

  test('is not reported as absent when the operator has another key', async () => {
    for (const name of ['erase', 'unlock']) {
      const other = await runScript(name, [NUMBER], { REDIS_URL: redis.url, PRIVACY_KEY: makePrivacyKey() });
      expect([other.status, other.stderr]).toEqual([2, expect.stringMatching(/has this PRIVACY_KEY/)]);
    }
  });

  test('is found after Redis lost everything, including its mark of the key', async () => {
    await redis.command('FLUSHALL');
    await use('+14155552679');
    expect((await erase('+14155552679')).stdout).toMatch(/^Removed \d+ entries/);
  });

  test('stays when an operator asks to see it and forgets npm’s --', async () => {
    await use(NUMBER);
    const keys = await allKeys();
    const environment = { REDIS_URL: redis.url, PRIVACY_KEY, npm_config_show: 'true' };
    const { status, stderr } = await runScript('erase', [NUMBER], environment);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^Put -- before the options/)]);
    expect((await allKeys()).sort()).toEqual(keys.sort());
  });

  test('lives in the process without Redis, as the command says', async () => {
    const { status, stderr } = await runScript('erase', [NUMBER], { PRIVACY_KEY });
    expect([status, stderr]).toEqual([2, expect.stringMatching(/lives in the server's process, and ends with it/)]);
    expect((await erase('--all', NUMBER)).status).toBe(2);
    expect(await erase('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage: npm run erase/) });
  });
});
