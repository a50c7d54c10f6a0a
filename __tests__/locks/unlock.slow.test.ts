import { describeWithRedis } from '@/__tests__/support/redis';
import { runScript } from '@/__tests__/support/script';
import { useRedis } from '@/__tests__/support/use-app';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';

const PRIVACY_KEY = makePrivacyKey();
const privacy = createPrivacy([PRIVACY_KEY]);
const wrongCodesOf = (number: string, scope = 's') =>
  `phone-verification:n:{${privacy.pseudonym('number', number)}}:${scope}`;

const unlock = (argument: string | undefined, redisUrl: string, key = PRIVACY_KEY) =>
  runScript('unlock', argument === undefined ? [] : [argument], { REDIS_URL: redisUrl, PRIVACY_KEY: key });

describeWithRedis('npm run unlock', () => {
  const redis = useRedis();
  beforeAll(async () => {
    // Marks the privacy key as in use, as servers do.
    await redis.command('SET', `phone-verification:k:${privacy.keyIds[0]}`, '1');
  });

  test('forgets the wrong codes of strangers and devices for the given number, in any spelling, and for no other', async () => {
    for (const number of ['+14155552671', '+14155552672']) {
      for (const scope of ['s', 'd:laptop'])
        await redis.command('HSET', wrongCodesOf(number, scope), 'w', 100, 'l', 10, 'u', -1);
    }
    expect(await unlock('+1 415 555 2671', redis.url)).toMatchObject({ status: 0, stderr: '' });
    expect(((await redis.command('KEYS', 'phone-verification:n:*')) as string[]).sort()).toEqual([
      wrongCodesOf('+14155552672', 'd:laptop'),
      wrongCodesOf('+14155552672'),
    ]);
  });

  test('says what it found: locks, wrong codes, or nothing', async () => {
    const number = '+14155552673';
    const until = Date.now() + 3_600_000;
    const leave = async (scope: string, w: number, u: number) => {
      await redis.command('HSET', wrongCodesOf(number, scope), 'w', w, 'l', 1, 'u', u);
      await redis.command('PEXPIRE', wrongCodesOf(number, scope), 86_400_000);
    };
    const said = async () => (await unlock(number, redis.url)).stdout.trim().split('\n').sort();

    await leave('s', 10, until);
    await leave('d:laptop', 1, 0);
    expect(await said()).toEqual([
      'The number was not locked for a device. The server forgets one wrong code.',
      `Unlocked for strangers: the number was locked until ${new Date(until).toISOString()}, after 10 wrong codes.`,
    ]);
    expect(await said()).toEqual(['The number was not locked, and it has no wrong codes.']);

    await leave('s', 100, -1);
    expect(await said()).toEqual([
      'Unlocked for strangers: the number was locked until an operator lifts it, after 100 wrong codes.',
    ]);
    await leave('s', 12, Date.now() - 1000);
    expect(await said()).toEqual(['The number was not locked for strangers. The server forgets 12 wrong codes.']);
  });

  test('finds what was counted under a replaced key', async () => {
    await redis.command('HSET', wrongCodesOf('+14155552671'), 'w', 100, 'l', 10, 'u', -1);
    expect((await unlock('+14155552671', redis.url, `${makePrivacyKey()},${PRIVACY_KEY}`)).status).toBe(0);
    expect(await redis.command('EXISTS', wrongCodesOf('+14155552671'))).toBe(0);
  });

  test('unlocks a number even if it cannot read what Redis holds about it', async () => {
    await redis.command('HSET', wrongCodesOf('+14155552675'), 'w', 10, 'l', 1, 'u', 'soon');
    expect(await unlock('+14155552675', redis.url)).toMatchObject({
      status: 0,
      stdout: 'Unlocked. What Redis held about the number could not be read.\n',
    });
    expect(await redis.command('HEXISTS', wrongCodesOf('+14155552675'), 'w')).toBe(0);
  });

  test('names the fault: no number, no Redis, no key', async () => {
    const [without, hello, noRedis, noKey, shortKey, dead] = await Promise.all([
      unlock(undefined, redis.url),
      unlock('hello', redis.url),
      unlock('+14155552671', ''),
      unlock('+14155552671', redis.url, ''),
      unlock('+14155552671', redis.url, 'short'),
      unlock('+14155552671', 'redis://127.0.0.1:1'),
    ]);
    expect([without.status, hello.status]).toEqual([2, 2]);
    expect(noRedis.stderr).toMatch(/REDIS_URL is not set/);
    expect(noKey.stderr).toMatch(/PRIVACY_KEY is not set/);
    expect(shortKey.stderr).toMatch(/PRIVACY_KEY must be base64 of at least 32 bytes/);
    expect([dead.status, dead.stderr]).toEqual([
      1,
      'Redis does not answer as expected (ECONNREFUSED). Check REDIS_URL.\n',
    ]);
  });
});
