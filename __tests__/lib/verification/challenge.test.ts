import { encodeSolution, solve } from '@/__tests__/support/solve';
import { makePrivacyKey } from '@/lib/config/keys';
import type { Challenge } from '@/lib/contract';
import { createPrivacy } from '@/lib/privacy';
import { createChallenges, numbersOf } from '@/lib/verification/challenge';
import { CHALLENGE_TTL_MS, type Doubtful } from '@/lib/verification/doubtful';
import { WAIT_MS } from '@/lib/verification/ticket';

const [KEY, NEW_KEY] = [makePrivacyKey(), makePrivacyKey()];
const challenges = createChallenges(createPrivacy([KEY]));
const MESSAGE: Doubtful = { kind: 'send', to: '+14155552671', method: 'sms' };

const ask = (message = MESSAGE, given?: string) => challenges.ask(1, message, given);
const NOW = Date.UTC(2027, 0, 1);
const at = (ms: number) => jest.setSystemTime(NOW + ms);
beforeEach(() => {
  jest.useFakeTimers({ now: NOW, doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'performance'] });
});
afterEach(() => {
  jest.useRealTimers();
});

interface Solved {
  challenge: Challenge;
  solution: { counter: number; derivedKey: string };
}
const decode = (solved: string) => JSON.parse(Buffer.from(solved, 'base64url').toString()) as Solved;
/** The solution with some parts changed. */
function changed(solved: string, change: (value: Solved) => void): string {
  const value = decode(solved);
  change(value);
  return encodeSolution(value.challenge, value.solution);
}

describe('a solved challenge', () => {
  let solved: string;
  beforeEach(async () => {
    solved = await solve((await ask()).challenge);
  });

  test('lets its message pass, under an id that no other challenge has', async () => {
    const pass = await challenges.check(solved, MESSAGE);
    expect(pass).toEqual({
      kind: 'solved',
      level: 1,
      id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      ttlMs: expect.any(Number),
    });
    const other = await challenges.check(await solve((await ask()).challenge), MESSAGE);
    expect(other?.id).not.toBe(pass?.id);
  });

  test('keeps its id however often it is shown, so that the store can count it once', async () => {
    expect(await challenges.check(solved, MESSAGE)).toEqual(await challenges.check(solved, MESSAGE));
  });

  test.each<[string, Partial<Doubtful>]>([
    ['another number', { to: '+14155552672' }],
    ['another channel', { method: 'voice' }],
    ['a resend', { kind: 'resend' }],
    ['no channel', { method: undefined }],
  ])('is not valid for a message to %s', async (_, other) => {
    expect(await challenges.check(solved, { ...MESSAGE, ...other })).toBeUndefined();
  });

  test('is valid for ten minutes, and its id is remembered for longer', async () => {
    at(CHALLENGE_TTL_MS - 1000);
    const pass = await challenges.check(solved, MESSAGE);
    expect(pass?.ttlMs).toBeGreaterThan(CHALLENGE_TTL_MS);
    at(CHALLENGE_TTL_MS + 1000);
    expect(await challenges.check(solved, MESSAGE)).toBeUndefined();
  });

  test('is not valid under another key', async () => {
    const stranger = createChallenges(createPrivacy([NEW_KEY]));
    expect(await stranger.check(solved, MESSAGE)).toBeUndefined();
  });

  test('is valid on instances that have a newer key, or do not have it yet', async () => {
    const rotated = createChallenges(createPrivacy([NEW_KEY, KEY]));
    const waiting = createChallenges(createPrivacy([KEY, NEW_KEY]));
    expect(await rotated.check(solved, MESSAGE)).toMatchObject({ kind: 'solved' });
    const byNewKey = await solve((await rotated.ask(1, MESSAGE, undefined)).challenge);
    expect(await waiting.check(byNewKey, MESSAGE)).toMatchObject({ kind: 'solved' });
    expect(await challenges.check(byNewKey, MESSAGE)).toBeUndefined();
  });

  test.each<[string, (value: Solved) => void]>([
    ['a later end', ({ challenge }) => Object.assign(challenge.parameters, { expiresAt: 2_000_000_000 })],
    ['no end', ({ challenge }) => Reflect.deleteProperty(challenge.parameters, 'expiresAt')],
    ['less work', ({ challenge }) => Object.assign(challenge.parameters, { cost: 1 })],
    ['more work', ({ challenge }) => Object.assign(challenge.parameters, { cost: 2 ** 31 })],
    ['another id', ({ challenge }) => Object.assign(challenge.parameters.data ?? {}, { id: 'a'.repeat(22) })],
    ['no signature of the key', ({ challenge }) => Reflect.deleteProperty(challenge.parameters, 'keySignature')],
    ['another signature', ({ challenge }) => Object.assign(challenge, { signature: '0'.repeat(64) })],
    ['another key', ({ solution }) => Object.assign(solution, { derivedKey: '0'.repeat(64) })],
    [
      'the known half of its key',
      ({ solution }) => Object.assign(solution, { derivedKey: solution.derivedKey.slice(0, 32) }),
    ],
    ['no number', ({ solution }) => Object.assign(solution, { counter: 'NaN' })],
  ])('is not valid when changed to have %s', async (_, change) => {
    expect(await challenges.check(changed(solved, change), MESSAGE)).toBeUndefined();
  });
});

test.each([
  '',
  'x',
  '%%%',
  'null',
  '{"challenge":{},"solution":{}}',
  '{"challenge":{"parameters":null,"signature":""},"solution":{}}',
  '{"challenge":{"parameters":{"data":null},"signature":""},"solution":{}}',
  '{"challenge":{"parameters":{"data":[]},"signature":""},"solution":[]}',
  `${'['.repeat(500)}${']'.repeat(500)}`,
])('%p is not valid, and does not throw', async (nonsense) => {
  expect(await challenges.check(nonsense, MESSAGE)).toBeUndefined();
  expect(await challenges.check(Buffer.from(nonsense).toString('base64url'), MESSAGE)).toBeUndefined();
});

test('a challenge does not reveal the number', async () => {
  const { challenge, ticket } = await ask();
  expect(JSON.stringify(challenge) + ticket.text).not.toMatch(/4155552671/);
  const again = await ask();
  expect(again.challenge.parameters.data).not.toEqual(challenge.parameters.data);
});

test('each level has twice the numbers of the one before', async () => {
  expect([2, 3, 4].map((level) => numbersOf(level) / numbersOf(level - 1))).toEqual([2, 2, 2]);
  const counters = await Promise.all(
    Array.from({ length: 5 }, async () => decode(await solve((await ask()).challenge)).solution.counter),
  );
  for (const counter of counters) expect(counter).toBeLessThanOrEqual(numbersOf(1));
});

describe('a ticket', () => {
  test('lets its message pass once the wait is over, for ten minutes', async () => {
    const { text, waitSeconds } = (await ask()).ticket;
    expect(waitSeconds).toBe(60);
    at(WAIT_MS - 1);
    expect(await challenges.check(text, MESSAGE)).toBeUndefined();
    at(WAIT_MS);
    expect(await challenges.check(text, MESSAGE)).toEqual({
      kind: 'waited',
      level: 4,
      id: text.slice(0, 22),
      ttlMs: expect.any(Number),
    });
    at(CHALLENGE_TTL_MS);
    expect(await challenges.check(text, MESSAGE)).toBeUndefined();
  });

  test('comes back, with the rest of its wait, if it is too early', async () => {
    const { ticket } = await ask();
    at(45_000);
    expect((await ask(MESSAGE, ticket.text)).ticket).toEqual({ text: ticket.text, waitSeconds: 15 });
    at(WAIT_MS);
    expect((await ask(MESSAGE, ticket.text)).ticket.text).not.toBe(ticket.text);
  });

  test('is not valid for another message, with an earlier time, or under another key', async () => {
    const { text } = (await ask()).ticket;
    at(WAIT_MS);
    expect(await challenges.check(text, { ...MESSAGE, to: '+14155552672' })).toBeUndefined();
    expect(await challenges.check(text, { ...MESSAGE, kind: 'resend' })).toBeUndefined();
    const earlier = text.replace(NOW.toString(36), (NOW - WAIT_MS).toString(36));
    expect(earlier).not.toBe(text);
    expect(await challenges.check(earlier, MESSAGE)).toBeUndefined();
    expect(await createChallenges(createPrivacy([NEW_KEY])).check(text, MESSAGE)).toBeUndefined();
    expect(await createChallenges(createPrivacy([NEW_KEY, KEY])).check(text, MESSAGE)).toMatchObject({
      kind: 'waited',
    });
  });
});
