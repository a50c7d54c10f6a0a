import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, TestApp } from '@/__tests__/support/app';
import { countOutcomes, flood, madeUpHandle, newNumber, type Person } from '@/__tests__/support/person';
import { commandsServed } from '@/__tests__/support/redis-server';
import { describeEverySetUp } from '@/__tests__/support/set-ups';

const ALLOWED = 50;
const BATCH = 10;
/** Longer than a busy machine takes for a whole test. The test moves the clock of the server instead of waiting. */
const WINDOW_SECONDS = 60;

type Ask = (app: TestApp, headers: Record<string, string>) => Promise<Reply>;

/** Requests of each kind, including some that other checks refuse. */
const REQUESTS: readonly Ask[] = [
  (app, headers) => app.send(newNumber(), {}, headers),
  (app, headers) => app.send('not a number', {}, headers),
  (app, headers) => app.resend(madeUpHandle(), {}, headers),
  (app, headers) => app.verify(madeUpHandle(), '123456', headers),
  (app, headers) => app.post('/api/verify-otp', {}, headers),
  (app, headers) => app.get('/api/verification', { ...headers, cookie: `__Host-verification=${madeUpHandle()}` }),
  (app, headers) => app.get('/api/session', { ...headers, cookie: `__Host-phone-session=${madeUpHandle()}` }),
  (app, headers) => app.request('/api/session', { method: 'DELETE', headers }),
  (app, headers) => app.get('/api/phone-metadata?callingCode=1', headers),
  (app, headers) => app.get('/api/jwks', headers),
];

describeEverySetUp('a flood from one address', (setUp) => {
  const deployment = setUp.deploy({ LIMIT_REQUESTS_PER_ADDRESS: `${ALLOWED}/${WINDOW_SECONDS}s` });
  const ask = (person: Person, i: number) =>
    deployment.ask((app) => (REQUESTS[i % REQUESTS.length] as Ask)(app, person.headers));

  test('the process refuses every kind of request without asking Redis, until the wait is over', async () => {
    const attacker = deployment.person();
    // Each process counts for itself, and requests go to the processes in turn.
    for (let asked = 0; asked < ALLOWED * deployment.apps.length; asked += BATCH) {
      // Do not ask again if the store is late, because another request would count.
      const allowed = await Promise.all(Array.from({ length: BATCH }, (_, i) => ask(attacker, asked + i)));
      expect(countOutcomes(allowed)).not.toHaveProperty('429 RATE_LIMITED');
    }

    if (setUp.onRedis) {
      // Requests may still send commands to Redis after their replies. Wait until they stop.
      do {
        await deployment.redis.command('CONFIG', 'RESETSTAT');
        await sleep(50);
      } while (Object.keys(await commandsServed(deployment.redis)).length > 0);
    }
    const refused = await flood(60, (i) => ask(attacker, i));
    if (setUp.onRedis) expect(await commandsServed(deployment.redis)).toEqual({});
    expect(countOutcomes(refused)).toEqual({ '429 RATE_LIMITED': 60 });
    for (const { headers, body } of refused) {
      expect(headers.get('retry-after')).toBe(String(body.retryAfterSeconds));
      expect(body.retryAfterSeconds).toBeLessThanOrEqual(WINDOW_SECONDS);
    }
    const limits = await Promise.all(refused.slice(0, REQUESTS.length).map((reply) => deployment.limitOf(reply)));
    expect(new Set(limits)).toEqual(new Set(['LIMIT_REQUESTS_PER_ADDRESS']));

    expect(countOutcomes(await deployment.person().prove(newNumber()))).toEqual({ '200': 2 });
    await deployment.moveClock(Math.max(...refused.map(({ body }) => body.retryAfterSeconds)) * 1000);
    for (let i = 0; i < deployment.apps.length; i += 1) expect((await attacker.send(newNumber())).status).toBe(200);
  });
});
