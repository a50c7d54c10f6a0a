import { spawnSync } from 'node:child_process';
import { describeWithRedis, TestRedis } from './support/redis';

const unlock = (argument: string | undefined, redisUrl: string) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'scripts/unlock.ts', ...(argument === undefined ? [] : [argument])], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, REDIS_URL: redisUrl } as unknown as NodeJS.ProcessEnv,
  });

describeWithRedis('npm run unlock', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await TestRedis.start();
  });
  afterAll(() => redis.kill());

  test('forgets the wrong codes of that number, in any spelling, and of no other', async () => {
    for (const number of ['+14155552671', '+14155552672']) {
      await redis.command('HSET', `phone-verification:w:${number}`, 'c', 100, 'l', 10, 'u', -1);
    }
    expect(unlock('+1 415 555 2671', redis.url)).toMatchObject({ status: 0, stderr: '' });
    expect(await redis.command('KEYS', 'phone-verification:w:*')).toEqual(['phone-verification:w:+14155552672']);
  });

  test('says what is wrong: no number, no Redis', async () => {
    expect(unlock(undefined, redis.url).status).toBe(2);
    expect(unlock('hello', redis.url).status).toBe(2);
    expect(unlock('+14155552671', '').stderr).toMatch(/REDIS_URL is not set/);
    const dead = unlock('+14155552671', 'redis://127.0.0.1:1');
    expect([dead.status, dead.stderr]).toEqual([1, 'Redis does not answer. Check REDIS_URL.\n']);
  });
});
