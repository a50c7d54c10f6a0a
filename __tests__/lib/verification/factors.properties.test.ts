import fc from 'fast-check';
import { newNumber } from '@/__tests__/support/person';
import { AppError } from '@/lib/errors';
import type { Account } from '@/lib/store/factors';
import type { StepUpMethod } from '@/lib/verification/account';
import { PROOF_TTL_SECONDS } from '@/lib/verification/proof';
import { findSession } from '@/lib/verification/session';
import { Client, DAY, MINUTE, TestServer } from './client';

const ACR = { passkey: 'phr', totp: 'otp', 'recovery-code': 'otp' } as const satisfies Record<StepUpMethod, string>;
const seconds = (time: number | Date) => Math.floor(new Date(time).getTime() / 1000);

let server: TestServer;
beforeAll(() => {
  jest.useFakeTimers({
    now: Date.UTC(2027, 0, 1),
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'performance'],
  });
  server = new TestServer();
});
afterAll(async () => {
  await server.close();
  jest.useRealTimers();
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant('code' as const) },
  { weight: 3, arbitrary: fc.constantFrom<StepUpMethod>('passkey', 'totp', 'recovery-code') },
  { weight: 1, arbitrary: fc.constant('another number' as const) },
  { weight: 1, arbitrary: fc.constant('renewal' as const) },
);
const pause = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 6 * MINUTE }) },
  { weight: 1, arbitrary: fc.constantFrom(15 * MINUTE, 44 * DAY, 46 * DAY) },
);

/** What a person has done, so that each session can be judged by it. */
class Past {
  readonly codesAt: number[] = [];
  readonly factorsAt: { at: number; acr: string }[] = [];

  constructor(readonly account: Account) {
    this.codesAt.push(seconds(account.phoneVerifiedAt));
  }
}

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** Takes a step. @returns whether it opened a session for the account's number */
async function take(one: Step, client: Client, { account, codesAt, factorsAt }: Past): Promise<boolean> {
  if (one === 'code') {
    await client.enterCode(account.phoneNumber);
    codesAt.push(seconds(Date.now()));
    return true;
  }
  if (one === 'another number') {
    await client.enterCode(newNumber());
    return false;
  }
  if (one === 'renewal') {
    const session = await findSession(server.dependencies, client.sessionToken);
    if (session) await client.renew(session.account === account.id ? account : undefined);
    return session?.phoneNumber === account.phoneNumber;
  }
  factorsAt.push({ at: seconds(Date.now()), acr: ACR[one] });
  const { account: known } = await server.stateOf(account.phoneNumber);
  return client.useFactor(known, one).then(
    () => true,
    (error: unknown) => {
      if (error instanceof AppError && error.code === 'NUMBER_STALE') return false;
      throw error;
    },
  );
}

test('whatever a client does, a session says no more than what happened, and ends in time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(pause, step), { minLength: 2, maxLength: 12 }), async (steps) => {
      const past = new Past(await server.enroll(newNumber(), 'passkey', 'totp'));
      const { account, codesAt, factorsAt } = past;
      const client = new Client(server);
      for (const [ms, one] of steps) {
        jest.setSystemTime(Date.now() + ms);
        const before = await findSession(server.dependencies, client.sessionToken);
        const isOpened = await take(one, client, past);
        if (!isOpened) continue;
        const session = await client.session();
        const at = seconds(session.verifiedAt);
        expect(seconds(session.expiresAt)).toBe(at + PROOF_TTL_SECONDS);
        expect(session.phoneNumber).toBe(account.phoneNumber);
        expect(codesAt).toContain(seconds(session.phoneVerifiedAt));
        if (session.account === undefined) {
          expect([session.acr, codesAt.includes(at)]).toEqual(['restricted', true]);
        } else {
          expect(session.account).toBe(account.id);
          expect(factorsAt).toContainEqual({ at, acr: session.acr });
          expect(seconds(session.phoneVerifiedAt)).toBeGreaterThan(seconds(Date.now()) - 45 * 24 * 60 * 60 - 1);
        }
        // Only a factor, or a code without one, opens a session that lasts longer than the one before.
        const isLonger = before !== undefined && session.expiresAt > before.expiresAt;
        if (isLonger && one === 'renewal') throw new Error('A renewal prolonged the session.');
        if (isLonger && one === 'code') expect(session.account).not.toBe(before.account ?? '');
      }
    }),
    { numRuns: 150 },
  );
});

test('the account learns that a number is confirmed only from a code and a factor in one session', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(pause, step), { minLength: 2, maxLength: 12 }), async (steps) => {
      const past = new Past(await server.enroll(newNumber(), 'passkey', 'totp'));
      const { phoneNumber, phoneVerifiedAt } = past.account;
      const [codes, factors] = [new Client(server), new Client(server)];
      let latest = phoneVerifiedAt;
      for (const [ms, one] of steps) {
        jest.setSystemTime(Date.now() + ms);
        // One person has the number now, and another has the factors.
        await take(one, one === 'code' ? codes : factors, past);
        latest = (await server.stateOf(phoneNumber)).account.phoneVerifiedAt;
      }
      expect(latest).toBe(phoneVerifiedAt);
    }),
    { numRuns: 60 },
  );
});
