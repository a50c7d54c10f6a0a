import { cookieOf, type Reply, type TestApp } from '@/__tests__/support/app';
import { GUARDED } from '@/__tests__/support/guard';
import { newNumber } from '@/__tests__/support/numbers';
import { newAddress, type Person } from '@/__tests__/support/person';
import { describeEverySetUp } from '@/__tests__/support/set-ups';
import { solve } from '@/__tests__/support/solve';
import type { PageProblem } from '@/lib/contract';

const FREE_MESSAGES = 6;
/**
 * Only the credit of the address can run out here. After some messages, the address has to solve a challenge for each
 * further one, for half as many more.
 */
const DOUBTFUL = {
  ...GUARDED,
  CREDIT_PER_ADDRESS: `${FREE_MESSAGES},0.001,0.35`,
  BUDGET_PER_HOUR: '100000',
  BUDGET_PER_DAY: '100000',
};

describeEverySetUp('a doubtful message', (setUp) => {
  const deployment = setUp.deploy(DOUBTFUL);
  const messagesTo = async (number: string) => (await deployment.simulator.messages(number)).length;

  /** @returns the last verification, too */
  async function spend(person: Person): Promise<string> {
    let pinId = '';
    for (let sent = 0; sent < FREE_MESSAGES; sent += 1) pinId = (await person.send(newNumber())).body.pinId;
    return pinId;
  }

  async function doubtful(): Promise<Person> {
    const person = deployment.person();
    await spend(person);
    return person;
  }

  function expectChallenge(reply: Reply): void {
    expect(reply).toMatchObject({ status: 428, body: { code: 'CHALLENGE_REQUIRED', challenge: expect.any(Object) } });
    expect(reply.headers.get('retry-after')).toBeNull();
  }

  test('leaves once its challenge is solved, and the solution counts once', async () => {
    const person = await doubtful();
    const number = newNumber();
    const refused = await person.send(number);
    expectChallenge(refused);
    expect(await messagesTo(number)).toBe(0);
    const solution = await solve(refused.body.challenge);
    expect(await person.send(number, { solution })).toMatchObject({ status: 200 });
    expectChallenge(await person.send(number, { solution }));
    expect(await messagesTo(number)).toBe(1);
  });

  test('leaves once if its solution arrives several times at once', async () => {
    const person = await doubtful();
    const number = newNumber();
    const solution = await solve((await person.send(number)).body.challenge);
    const replies = await Promise.all([1, 2, 3, 4].map(() => person.send(number, { solution })));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await messagesTo(number)).toBe(1);
  });

  test('does not leave for the solution of another number, nor by another channel', async () => {
    const person = await doubtful();
    const [number, other] = [newNumber(), newNumber()];
    const solution = await solve((await person.send(number)).body.challenge);
    expectChallenge(await person.send(other, { solution }));
    expect((await person.send(number, { solution, channel: 'voice' })).status).not.toBe(200);
    expect([await messagesTo(number), await messagesTo(other)]).toEqual([0, 0]);
    expect(await person.send(number, { solution })).toMatchObject({ status: 200 });
  });

  test('does not leave for nonsense, which counts as no solution', async () => {
    const person = await doubtful();
    const number = newNumber();
    for (const solution of ['', 'nonsense', Buffer.from('{}').toString('base64url')])
      expectChallenge(await person.send(number, { solution }));
    for (const solution of [7, null, {}, 'x'.repeat(1501)])
      expect(await person.send(number, { solution })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });

  test('may be a resend, which has its own challenge', async () => {
    const person = deployment.person();
    const pinId = await spend(person);
    const refused = await person.resend(pinId);
    expectChallenge(refused);
    const solution = await solve(refused.body.challenge);
    expect(await person.resend(pinId, { solution })).toMatchObject({ status: 200, body: { pinId } });
    expectChallenge(await person.resend(pinId, { solution }));
  });

  describe('from a form', () => {
    const headersOf = (address: string) => ({ 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address });
    const problemIn = (reply: Reply): PageProblem | undefined => {
      const [, text = ''] = /=(.*)\./.exec(cookieOf(reply, '__Host-problem')) ?? [];
      return text === '' ? undefined : JSON.parse(Buffer.from(text, 'base64url').toString()).problem;
    };
    const post = (path: string, fields: Record<string, string>, headers: Record<string, string>) =>
      deployment.ask((app: TestApp) => app.form(path, fields, headers));

    test('leaves once, after a wait of a minute', async () => {
      const headers = headersOf((await doubtful()).address);
      const number = newNumber();
      const refused = problemIn(await post('/api/send-otp', { phoneNumber: number }, headers));
      expect(refused).toEqual({
        code: 'CHALLENGE_REQUIRED',
        at: 'phone',
        retryAfterSeconds: 60,
        ticket: expect.any(String),
      });
      const fields = { phoneNumber: number, solution: refused?.ticket ?? '' };
      await deployment.moveClock(20_000);
      const early = problemIn(await post('/api/send-otp', fields, headers));
      expect([early?.ticket, early?.retryAfterSeconds]).toEqual([refused?.ticket, 40]);
      await deployment.moveClock(40_000);
      expect(problemIn(await post('/api/send-otp', fields, headers))).toBeUndefined();
      expect(await messagesTo(number)).toBe(1);
      expect(problemIn(await post('/api/send-otp', fields, headers))?.ticket).not.toBe(refused?.ticket);
      expect(await messagesTo(number)).toBe(1);
    });

    test('keeps the number for the page, where nobody can read it', async () => {
      const headers = headersOf((await doubtful()).address);
      const reply = await post('/api/send-otp', { phoneNumber: '030 901820', country: 'DE' }, headers);
      const landline = problemIn(reply);
      expect(landline?.code).not.toBe('CHALLENGE_REQUIRED');
      const number = newNumber();
      const refused = await post('/api/send-otp', { phoneNumber: number }, headers);
      const cookie = cookieOf(refused, '__Host-problem');
      expect(Buffer.from(/=(.*)\./.exec(cookie)?.[1] ?? '', 'base64url').toString()).not.toContain(number.slice(2));
      const page = await fetch(`${deployment.apps[0]?.url}/`, { headers: { cookie } });
      const html = await page.text();
      expect(html).toContain(`value="${number}"`);
      expect(html).toContain(`name="solution" value="${problemIn(refused)?.ticket}"`);
    });

    test('may be a resend', async () => {
      const person = deployment.person(newAddress());
      const pinId = await spend(person);
      const headers = { ...headersOf(person.address), cookie: `__Host-verification=${pinId}` };
      const refused = problemIn(await post('/api/resend-otp', {}, headers));
      expect(refused).toMatchObject({ code: 'CHALLENGE_REQUIRED', at: 'resend', retryAfterSeconds: 60 });
      await deployment.moveClock(60_000);
      expect(problemIn(await post('/api/resend-otp', { solution: refused?.ticket ?? '' }, headers))).toBeUndefined();
    });
  });
});
