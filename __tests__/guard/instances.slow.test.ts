import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, TestApp } from '@/__tests__/support/app';
import { describeWithRedis } from '@/__tests__/support/redis';
import { runScript } from '@/__tests__/support/script';
import { useRedis, useSimulator } from '@/__tests__/support/use-app';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';

/** docs/operations.md promises this. */
const HEEDED_WITHIN_MS = 10_000;
/** Allowance for a busy machine. */
const SLACK_MS = 5_000;

describeWithRedis('two instances on one Redis', () => {
  const redis = useRedis();
  const { startApp } = useSimulator();
  const keys = { PRIVACY_KEY: makePrivacyKey(), PROOF_PRIVATE_JWK: JSON.stringify(makeProofKey()) };
  let apps: TestApp[] = [];
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    apps = [];
    await redis.command('FLUSHALL');
  });

  async function start(environment: Record<string, string>): Promise<void> {
    const shared = { REDIS_URL: redis.url, ...keys, ...environment };
    apps = await Promise.all([startApp(shared), startApp(shared)]);
  }

  const guard = (environment: Record<string, string>, ...words: string[]) =>
    runScript('guard', words, { REDIS_URL: redis.url, ...keys, ...environment });

  /** Each send goes to a new number, because the limits of one number would soon refuse more. */
  let last = 2000;
  const ask = () =>
    Promise.all(
      apps.map((app) => {
        last += 1;
        return app.send(`+1415555${last}`);
      }),
    );
  const codes = (replies: readonly Reply[]) => replies.map(({ status, body }) => body.code ?? status);

  async function until(expected: readonly unknown[], withinMs: number): Promise<number> {
    const startedAt = Date.now();
    for (;;) {
      if (JSON.stringify(codes(await ask())) === JSON.stringify(expected)) return Date.now() - startedAt;
      if (Date.now() - startedAt > withinMs) throw new Error(`Not within ${withinMs} ms`);
      await sleep(250);
    }
  }

  test('both apply a block, and its end, within ten seconds', async () => {
    await start({});
    expect(codes(await ask())).toEqual([200, 200]);
    expect((await guard({}, 'block', '+1415555')).status).toBe(0);
    const refused = ['PHONE_NUMBER_NOT_SUPPORTED', 'PHONE_NUMBER_NOT_SUPPORTED'];
    await until(refused, HEEDED_WITHIN_MS + SLACK_MS);
    expect((await guard({}, 'unblock', '+1415555')).status).toBe(0);
    await until([200, 200], HEEDED_WITHIN_MS + SLACK_MS);
  });

  test('both send again at once when an operator lifts their budget', async () => {
    const budget = { BUDGET_PER_HOUR: '0.2', BUDGET_PER_DAY: '1', PRICES: '{"US":{"sms":0.1}}' };
    await start(budget);
    expect(codes(await ask())).toEqual([200, 200]);
    expect(codes(await ask())).toEqual(['BUDGET_EXHAUSTED', 'BUDGET_EXHAUSTED']);
    expect(JSON.parse((await guard(budget, 'status', '--json')).stdout).budgets[0]).toMatchObject({
      spent: 0.2,
      of: 0.2,
    });
    expect((await guard(budget, 'lift', 'budget')).status).toBe(0);
    expect(codes(await ask())).toEqual([200, 200]);
  });
});
