import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { RedisClock } from '@/__tests__/support/redis-clock';
import { makePrivacyKey } from '@/lib/config/keys';
import { LOCK } from '@/lib/limits/policies';
import { createPrivacy } from '@/lib/privacy';
import type { Demand, Granted, Refusal, Row, Terms } from '@/lib/store/limits';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';
import { createRedisStores } from '@/lib/store/redis/redis-stores';
import type { Stores } from '@/lib/store/stores';
import { type NewChallenge, type NewVerification, RESEND_GRACE_MS } from '@/lib/store/verifications';

const SUBJECT = '+14155552671';
const OTHER = '+14155552672';
const HOLD = 20_000;
const TTL = 100_000;
/** A busy machine is not the store's fault. */
const PATIENT_MS = 10_000;
const MAX = 3;
const PARALLEL = 50;
const COOLDOWN_MEMORY_MS = 60 * 60_000;
const PRIVACY = createPrivacy([makePrivacyKey()]);

const row = (name: string, points: number, windowMs = 80_000, more: Partial<Row> = {}): Row => ({
  name,
  field: name,
  points,
  windowMs,
  cost: 1,
  ...more,
});

const DEVICE_LOCK = row('T', 12, 600_000);
const NO_ROWS = {
  address: [],
  network: [],
  number: [],
  numberByNetwork: [],
  allDevices: [],
  everyone: [],
  range: [],
  block: [],
  lock: LOCK,
  deviceLock: DEVICE_LOCK,
} as const;
const messageTerms = (rows: Partial<Terms> = {}, cooldownsMs = [0]): Terms => ({
  ...NO_ROWS,
  message: { cooldownsMs, cooldownMemoryMs: COOLDOWN_MEMORY_MS, holdMs: HOLD },
  ...rows,
});
const attemptTerms = (rows: Partial<Terms> = {}): Terms => ({
  ...NO_ROWS,
  allDevices: [DEVICE_LOCK],
  attempt: { maxAttempts: MAX, holdMs: HOLD },
  ...rows,
});
const WAITS = messageTerms({}, [30_000, 60_000]);
const NO_WAIT = messageTerms();
const ATTEMPT = attemptTerms();

const FROM = { address: '203.0.113.7', network: '203.0.113.0/24' };

/** What every set of stores promises. `pass` lets time pass. */
function storesContract(storesOf: () => Stores, pass: (ms: number) => Promise<unknown>): void {
  let stores: Stores;
  beforeEach(() => {
    stores = storesOf();
  });

  const message = (terms: Terms = WAITS, more: Partial<Demand> = {}) =>
    stores.limits.reserve({
      token: randomUUID(),
      terms,
      ...FROM,
      about: { subject: SUBJECT, device: undefined },
      method: 'sms',
      ...more,
    });
  const about = (terms: Terms, key: string, more: Partial<Demand> = {}) =>
    stores.limits.reserve({
      token: randomUUID(),
      terms,
      ...FROM,
      about: { verification: key, isCounted: true },
      ...more,
    });
  const attempt = (key = 'key') => about(ATTEMPT, key);

  function granted(reserved: Granted | Refusal): Granted {
    if (reserved.kind !== 'granted') throw new Error(`Refused: ${JSON.stringify(reserved)}`);
    return reserved;
  }
  function limited(reserved: Granted | Refusal) {
    if (reserved.kind !== 'limited') throw new Error(reserved.kind);
    return reserved;
  }
  const sent = async (terms: Terms = WAITS, more: Partial<Demand> = {}) =>
    stores.limits.commitMessage(granted(await message(terms, more)).held);
  /** Whether a message could leave now. It sends none. */
  async function isFree(terms: Terms = WAITS, more: Partial<Demand> = {}): Promise<boolean> {
    const reserved = await message(terms, more);
    if (reserved.kind === 'granted') await stores.limits.release(reserved.held);
    return reserved.kind === 'granted';
  }
  const create = (key = 'key', more: Partial<NewVerification> = {}) =>
    stores.verifications.create(key, {
      subject: SUBJECT,
      scope: 'strangers',
      method: 'sms',
      methodState: 'STATE',
      challenge: 'ONE',
      ttlMs: TTL,
      ...more,
    });
  const wrong = { kind: 'wrong', attemptsRemaining: undefined } as const;

  describe('messages to a subject', () => {
    test('let one of many parallel reservations pass', async () => {
      const reserved = await Promise.all(Array.from({ length: PARALLEL }, () => message()));
      expect(reserved.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
    });

    test('wait longer each time, and the last wait repeats', async () => {
      const waits: number[] = [];
      for (let count = 1; count <= 3; count += 1) {
        const { waitMs, messages } = await sent();
        expect(messages).toBe(count);
        waits.push(Math.round(waitMs / 30_000) * 30_000);
        await pass(waitMs);
      }
      expect(waits).toEqual([30_000, 60_000, 60_000]);
    });

    test('are allowed exactly when the reported wait is over', async () => {
      await sent();
      const { waitMs, by } = limited(await message());
      expect(by).toBeUndefined();
      await pass(waitMs - 25_000);
      expect(await isFree()).toBe(false);
      await pass(25_000);
      expect(await isFree()).toBe(true);
    });

    test('free the subject if they never left, and leave the next wait as it was', async () => {
      await stores.limits.release(granted(await message()).held);
      expect((await sent()).waitMs).toBeLessThanOrEqual(30_000);
      await pass(30_100);
      await stores.limits.release(granted(await message()).held);
      const { waitMs, messages } = await sent();
      expect([messages, waitMs > 30_000]).toEqual([2, true]);
    });

    test('block the next one while they may be in flight, and the reported wait says so', async () => {
      granted(await message(NO_WAIT));
      const { waitMs } = limited(await message(NO_WAIT));
      expect(waitMs).toBeGreaterThan(HOLD - 10_000);
      await pass(waitMs);
      expect(await isFree(NO_WAIT)).toBe(true);
    });

    test('lose a reservation that nobody ends, and its late end changes nothing', async () => {
      const lost = granted(await message());
      await pass(30_100);
      granted(await message());
      await stores.limits.release(lost.held);
      await stores.limits.commitMessage(lost.held);
      expect(await isFree()).toBe(false);
    });

    test('start over with the first wait after a success', async () => {
      await sent();
      await create();
      await stores.limits.commitSuccess(granted(await attempt()).held);
      await pass(30_100);
      expect((await sent()).messages).toBe(1);
    });

    test('have a standing, which comes with the verification', async () => {
      await create();
      expect(await stores.verifications.find('key')).toMatchObject({ subject: SUBJECT, waitMs: 0, messages: 0 });
      await sent();
      const found = await stores.verifications.find('key');
      expect(found?.messages).toBe(1);
      expect(found?.waitMs).toBeGreaterThan(50);
      expect(found?.waitMs).toBeLessThanOrEqual(30_000);
    });

    test('count against the subject of the verification when they are sent again', async () => {
      await create();
      const reserved = await Promise.all(Array.from({ length: PARALLEL }, () => about(WAITS, 'key')));
      const one = reserved.filter(({ kind }) => kind === 'granted');
      expect(one).toHaveLength(1);
      expect(one[0]).toMatchObject({ record: { subject: SUBJECT, methodState: 'STATE' }, held: { method: 'sms' } });
      expect(await isFree()).toBe(false);
      expect(await isFree(WAITS, { about: { subject: OTHER, device: undefined } })).toBe(true);
    });
  });

  describe('windows', () => {
    const rows = {
      address: [row('A', 2)],
      network: [row('N', 3)],
      number: [row('S', 2)],
      numberByNetwork: [row('B', 1)],
      everyone: [row('E', 4)],
    };
    const long = Object.fromEntries(
      Object.entries(rows).map(([key, list]) => [key, list.map((one) => ({ ...one, windowMs: 600_000 }))]),
    );
    const elsewhere = { address: '198.51.100.1', network: '198.51.100.0/24' };
    const toOther = { about: { subject: OTHER, device: undefined } };

    test.each(Object.entries(rows))(
      'by %s: full after its points, free after its window, and the wait is true',
      async (key, list) => {
        const terms = messageTerms({ [key]: list });
        const [{ name, points } = row('', 0)] = list;
        for (let i = 0; i < points; i += 1) await sent(terms);
        const { waitMs, by } = limited(await message(terms));
        expect(by).toBe(name);
        expect(waitMs).toBeGreaterThan(30_000);
        await pass(waitMs);
        expect(await isFree(terms)).toBe(true);
      },
    );

    test('the one with the longest wait refuses', async () => {
      const terms = messageTerms({ number: [row('S', 1, 100_000), row('L', 1, 300_000), row('M', 1, 200_000)] });
      await sent(terms);
      expect(limited(await message(terms)).by).toBe('L');
    });

    test('a refusal by one takes nothing from another', async () => {
      const terms = messageTerms({ ...long, number: [row('S', 2, 900_000)] });
      await sent(terms);
      // From this network the subject gets no more messages.
      for (let i = 0; i < 10; i += 1) expect(limited(await message(terms)).by).toBe('B');
      await sent(terms, { ...elsewhere });
      for (let i = 0; i < 10; i += 1) expect(limited(await message(terms, { ...elsewhere })).by).toBe('S');
      await sent(terms, { ...toOther });
      for (let i = 0; i < 10; i += 1) expect(limited(await message(terms, { ...toOther })).kind).toBe('limited');
      await sent(terms, { ...elsewhere, about: { subject: '+14155552673', device: undefined } });
    });

    test('a released request counts as if nobody had made it', async () => {
      const terms = messageTerms(rows);
      for (let i = 0; i < 10; i += 1) await stores.limits.release(granted(await message(terms)).held);
      await sent(terms);
      expect((await message(terms)).kind).toBe('limited');
    });

    test('a release gives nothing back to a window that opened since', async () => {
      const terms = messageTerms({ everyone: [row('E', 2, 25_000)] });
      const lost = granted(await message(terms));
      await pass(26_000);
      await sent(terms);
      await stores.limits.release(lost.held);
      await sent(terms);
      expect((await message(terms)).kind).toBe('limited');
    });

    test('exactly as many parallel requests pass as fit', async () => {
      const terms = messageTerms({ everyone: [row('E', 7)] });
      const reserved = await Promise.all(
        Array.from({ length: PARALLEL }, (_, i) =>
          message(terms, { about: { subject: `+1415555${1000 + i}`, device: undefined } }),
        ),
      );
      expect(reserved.filter(({ kind }) => kind === 'granted')).toHaveLength(7);
    });

    test('a row for one method counts only that method, also by the method of a verification', async () => {
      const terms = messageTerms({ number: [row('V', 1, 600_000, { method: 'voice' })] });
      await create('key', { method: 'voice' });
      await sent(terms, { method: 'voice' });
      expect(limited(await about(terms, 'key')).by).toBe('V');
      await sent(terms);
      granted(await about(terms, 'key', { method: 'sms' }));
    });

    test('that are global show how much of them is used', async () => {
      const terms = messageTerms({ everyone: [row('E', 4, 600_000)] });
      await sent(terms);
      const { usage } = granted(await message(terms));
      expect(usage).toEqual([{ name: 'E', used: 2, cost: 1, endsAt: expect.any(Number) }]);
    });
  });

  describe('windows of a program', () => {
    const program = { id: 'shop', rows: [row('M', 3, 600_000)] };
    const to = (subject: string, more: Partial<Demand> = {}): Partial<Demand> => ({
      program,
      about: { subject, device: undefined, destination: US },
      ...more,
    });
    const US = { range: '+1415555', block: '+14155', country: 'US', prices: { sms: 40, voice: 90 }, unitPrice: 40 };

    test('count its messages to all subjects, from all addresses, and nobody else is refused', async () => {
      const elsewhere = { address: '198.51.100.1', network: '198.51.100.0/24' };
      await sent(NO_WAIT, to(SUBJECT));
      await sent(NO_WAIT, to(OTHER, elsewhere));
      await create();
      granted(await about(NO_WAIT, 'key', { program }));
      expect(limited(await message(NO_WAIT, to('+14155552673')))).toMatchObject({ by: 'M' });
      expect(await isFree(NO_WAIT, to(OTHER, { program: { ...program, id: 'bank' } }))).toBe(true);
      expect(await isFree(NO_WAIT, to(OTHER, { program: undefined }))).toBe(true);
    });

    test('are free after the wait that a refusal gives', async () => {
      const short = { id: 'shop', rows: [row('M', 1, 60_000)] };
      await sent(NO_WAIT, to(SUBJECT, { program: short }));
      const { waitMs } = limited(await message(NO_WAIT, to(OTHER, { program: short })));
      await pass(waitMs);
      expect(await isFree(NO_WAIT, to(OTHER, { program: short }))).toBe(true);
    });

    test('let exactly as many parallel messages pass as fit', async () => {
      const reserved = await Promise.all(
        Array.from({ length: PARALLEL }, (_, i) => message(NO_WAIT, to(`+1415555${1000 + i}`))),
      );
      expect(reserved.filter(({ kind }) => kind === 'granted')).toHaveLength(3);
    });

    test('take the price of a message, by its method, and a release gives it back', async () => {
      const priced = { id: 'shop', rows: [row('B', 130, 600_000, { isPriced: true })] };
      await sent(NO_WAIT, to(SUBJECT, { program: priced }));
      await stores.limits.release(
        granted(await message(NO_WAIT, to(OTHER, { program: priced, method: 'voice' }))).held,
      );
      await sent(NO_WAIT, to(OTHER, { program: priced, method: 'voice' }));
      expect(limited(await message(NO_WAIT, to('+14155552673', { program: priced }))).by).toBe('B');
    });

    test('keep what another limit refused', async () => {
      const terms = messageTerms({ number: [row('S', 1, 600_000)], everyone: [row('E', 2, 600_000)] });
      await sent(terms, to(SUBJECT));
      for (let i = 0; i < 5; i += 1) expect(limited(await message(terms, to(SUBJECT))).by).toBe('S');
      await sent(terms, to(OTHER));
      for (let i = 0; i < 5; i += 1) expect(limited(await message(terms, to('+14155552673'))).by).toBe('E');
      expect(await isFree(NO_WAIT, to('+14155552674'))).toBe(true);
    });

    test('refuse without taking anything from a subject or from everyone', async () => {
      const terms = messageTerms({ number: [row('S', 1, 600_000)], everyone: [row('E', 1, 600_000)] });
      const none = { id: 'shop', rows: [row('M', 0, 600_000)] };
      for (let i = 0; i < 5; i += 1) expect(limited(await message(terms, to(SUBJECT, { program: none }))).by).toBe('M');
      expect(await isFree(terms, to(SUBJECT))).toBe(true);
    });
  });

  describe('a demand about a missing verification', () => {
    const terms = attemptTerms({ address: [row('A', 2)], network: [row('N', 2)], everyone: [row('E', 2)] });

    test('costs its address, and nobody else', async () => {
      for (let i = 0; i < 2; i += 1) expect(await about(terms, 'nothing')).toEqual({ kind: 'missing' });
      expect(limited(await about(terms, 'nothing')).by).toBe('A');
      await create();
      expect((await about(terms, 'key', { address: '203.0.113.8' })).kind).toBe('granted');
    });

    test('costs nothing if it is not meant to count', async () => {
      const uncounted = { about: { verification: 'nothing', isCounted: false } };
      for (let i = 0; i < 5; i += 1) expect((await about(terms, '', uncounted)).kind).toBe('missing');
      await create();
      expect((await about(terms, 'key')).kind).toBe('granted');
    });
  });

  describe('scopes', () => {
    const issuedAt = Date.now();
    const known = { about: { subject: SUBJECT, device: { id: 'laptop', issuedAt } } };
    const other = { about: { subject: SUBJECT, device: { id: 'phone', issuedAt } } };

    test('count messages and waits of strangers and of each device separately', async () => {
      const terms = messageTerms({ number: [row('S', 1, 600_000)] }, [600_000]);
      await sent(terms);
      expect(await isFree(terms)).toBe(false);
      for (const device of [known, other]) {
        const { held } = granted(await message(terms, device));
        await stores.limits.commitMessage(held);
        expect(await isFree(terms, device)).toBe(false);
      }
    });

    test('do not count a stranger’s network for a device', async () => {
      const terms = messageTerms({ numberByNetwork: [row('B', 1, 600_000)] });
      await sent(terms);
      await sent(terms, known);
      await sent(terms, known);
    });

    test("lock strangers for strangers' wrong codes, and a device for its own", async () => {
      await create('stranger', { ttlMs: 600_000 });
      await create('device', { scope: 'device:laptop', ttlMs: 600_000 });
      for (let i = 0; i < LOCK.every; i += 1) {
        await create(`wrong-${i}`);
        await about(ATTEMPT, `wrong-${i}`);
      }
      expect((await attempt('stranger')).kind).toBe('locked');
      expect((await message(NO_WAIT)).kind).toBe('locked');
      expect(await isFree(NO_WAIT, known)).toBe(true);
      const owner = granted(await attempt('device'));
      expect(owner.record?.scope).toBe('device:laptop');
      await stores.limits.commitSuccess(owner.held);
      expect((await attempt('stranger')).kind).toBe('locked');
      for (let i = 0; i < LOCK.every; i += 1) {
        await create(`own-${i}`, { scope: 'device:laptop' });
        await about(ATTEMPT, `own-${i}`);
      }
      expect((await message(NO_WAIT, known)).kind).toBe('locked');
      expect(await isFree(NO_WAIT, other)).toBe(true);
    });
  });

  describe('all known devices of a subject', () => {
    const device = (id: string) => ({ about: { subject: SUBJECT, device: { id, issuedAt: Date.now() } } });
    const ids = ['a', 'b', 'c', 'd'];

    test('share messages, which strangers do not use up', async () => {
      const terms = messageTerms({ number: [row('S', 1, 600_000)], allDevices: [row('S', 3, 600_000)] });
      await sent(terms);
      for (const id of ids.slice(0, 3)) await sent(terms, device(id));
      expect((await message(terms, device('d'))).kind).toBe('limited');
    });

    test('count as strangers after that many wrong codes by any of them, and get a correct one back', async () => {
      for (let i = 0; i < 30; i += 1) {
        await create(`right-${i}`, { scope: 'device:a' });
        await stores.limits.commitSuccess(granted(await attempt(`right-${i}`)).held);
      }
      expect(granted(await message(NO_WAIT, device('b'))).held.scope).toBe('device:b');
      for (let i = 0; i < DEVICE_LOCK.points; i += 1) {
        await create(`wrong-${i}`, { scope: `device:${ids[i % 4]}` });
        granted(await attempt(`wrong-${i}`));
      }
      await create('next', { scope: 'device:a' });
      expect(await attempt('next')).toMatchObject({ kind: 'limited', by: 'T' });
      expect(granted(await message(NO_WAIT, device('c'))).held.scope).toBe('strangers');
      await stores.limits.unlock(SUBJECT);
      expect((await attempt('next')).kind).toBe('granted');
    });

    test('keep no count of a released attempt', async () => {
      for (let i = 0; i < 2 * DEVICE_LOCK.points; i += 1) {
        await create('key', { scope: 'device:a' });
        await stores.limits.release(granted(await attempt()).held);
      }
    });
  });

  describe('sessions', () => {
    const open = (key: string, replaces?: string) =>
      stores.sessions.open({ key, subject: SUBJECT, proof: `PROOF of ${key}`, ttlMs: 30_000, replaces });

    test('hold a proof, and expire', async () => {
      await open('one');
      expect(await stores.sessions.find('one')).toBe('PROOF of one');
      expect(await stores.sessions.find('two')).toBeUndefined();
      await pass(30_100);
      expect(await stores.sessions.find('one')).toBeUndefined();
    });

    test('replace the previous one', async () => {
      await open('one');
      await open('two', 'one');
      expect([await stores.sessions.find('one'), await stores.sessions.find('two')]).toEqual([
        undefined,
        'PROOF of two',
      ]);
    });

    test('end on request', async () => {
      await open('one');
      await stores.sessions.end('one');
      await stores.sessions.end('none');
      expect(await stores.sessions.find('one')).toBeUndefined();
    });
  });

  describe('the state of a method', () => {
    test.each([0, 1, 63, 64, 65, 128, 129, 192, 193, 1000])(
      'comes back complete with %i characters, even after a longer one',
      async (length) => {
        const methodState = 'm'.repeat(length);
        const prices = Object.fromEntries(Array.from({ length: Math.ceil(length / 10) }, (_, i) => [`price-${i}`, i]));
        const destination = { range: '+1415555', block: '+14155', country: 'US', prices, unitPrice: 1 };
        await create('short', { methodState, destination });
        expect(await stores.verifications.find('short')).toMatchObject({ methodState, destination });
        await create('long', { methodState: 'M'.repeat(300) });
        const challenge = { method: 'voice', methodState, challenge: 'TWO', ttlMs: TTL };
        await stores.verifications.replaceChallenge('long', { subject: SUBJECT, challenge: 'ONE' }, challenge);
        expect(await stores.verifications.find('long')).toMatchObject({ methodState });
      },
    );
  });

  describe('the context of a verification', () => {
    const context = {
      client: 'shop',
      audience: 'https://shop.example',
      nonce: 'n'.repeat(128),
      purpose: 'sign-up',
      interaction: 'LOGIN',
    } as const;

    test('comes back with every look at it, and outlives a resend', async () => {
      await create('key', { context });
      expect((await stores.verifications.find('key'))?.context).toEqual(context);
      const { record } = granted(await about(NO_WAIT, 'key'));
      expect(record?.context).toEqual(context);
      if (!record) throw new Error('A verification has a record.');
      const next = { method: 'sms', methodState: 'NEW STATE', challenge: 'TWO', ttlMs: TTL };
      expect(await stores.verifications.replaceChallenge('key', record, next)).toBe(true);
      expect(granted(await attempt()).record?.context).toEqual(context);
    });

    test('is absent if the verification started without one', async () => {
      await create();
      expect((await stores.verifications.find('key'))?.context).toBeUndefined();
      expect(granted(await attempt()).record?.context).toBeUndefined();
    });
  });

  describe('attempts', () => {
    const KEY = 'key';
    const settle = (outcome: Parameters<Stores['verifications']['settleAttempt']>[2], challenge = 'ONE') =>
      stores.verifications.settleAttempt(KEY, challenge, outcome);
    const replace = (more: Partial<NewChallenge> = {}, challenge = 'ONE', key = KEY) =>
      stores.verifications.replaceChallenge(
        key,
        { subject: SUBJECT, challenge },
        { method: 'sms', methodState: 'NEW STATE', challenge: 'TWO', ttlMs: TTL, ...more },
      );
    beforeEach(() => create());

    test('let one of many parallel ones pass, and the others find it busy', async () => {
      const kinds = (await Promise.all(Array.from({ length: PARALLEL }, () => attempt()))).map(({ kind }) => kind);
      expect(kinds.sort()).toEqual([...Array(PARALLEL - 1).fill('busy'), 'granted']);
    });

    test('spend the verification if they succeed', async () => {
      await attempt();
      expect(await settle({ kind: 'verified' })).toBe(1);
      expect((await attempt()).kind).toBe('missing');
      expect(await settle({ kind: 'verified' })).toBeUndefined();
    });

    test('stop at the limit if they are wrong', async () => {
      for (let i = 0; i < MAX; i += 1) {
        expect((await attempt()).kind).toBe('granted');
        await settle(wrong);
      }
      expect(await attempt()).toMatchObject({ kind: 'exhausted', record: { subject: SUBJECT } });
    });

    test.each([
      [{ kind: 'wrong', attemptsRemaining: undefined }, 1],
      [{ kind: 'wrong', attemptsRemaining: 1 }, 2],
      [{ kind: 'wrong', attemptsRemaining: 9 }, 1],
      [{ kind: 'wrong', attemptsRemaining: 0 }, 3],
      [{ kind: 'exhausted' }, 3],
      [{ kind: 'counted' }, 1],
    ] as const)('after %j, %i are used', async (outcome, used) => {
      await attempt();
      expect(await settle(outcome)).toBe(used);
      expect((await stores.verifications.find(KEY))?.attemptsUsed).toBe(used);
    });

    test('do not count if they are released', async () => {
      const { held } = granted(await attempt());
      await stores.limits.release(held);
      expect((await stores.verifications.find(KEY))?.attemptsUsed).toBe(0);
      expect(await attempt()).toMatchObject({ kind: 'granted', record: { attemptsUsed: 1 } });
    });

    test('count even if their process died, and block nobody after their hold', async () => {
      await attempt();
      await pass(HOLD + 1);
      expect(await attempt()).toMatchObject({ kind: 'granted', record: { attemptsUsed: 2 } });
    });

    test('a dead challenge counts as expired, but the verification can get another', async () => {
      await attempt();
      await settle({ kind: 'dead' });
      expect((await attempt()).kind).toBe('expired');
      expect(await replace()).toBe(true);
      expect(await attempt()).toMatchObject({
        kind: 'granted',
        record: { attemptsUsed: 1, challenge: 'TWO', methodState: 'NEW STATE' },
      });
    });

    test('a challenge expires in time, and the verification can still get another then', async () => {
      await pass(TTL + 1);
      expect((await attempt()).kind).toBe('expired');
      expect((await stores.verifications.find(KEY))?.remainingMs).toBe(0);
      await replace({ method: 'voice' });
      expect(await stores.verifications.find(KEY)).toMatchObject({ method: 'voice', challenge: 'TWO' });
      expect((await attempt()).kind).toBe('granted');
    });

    test('an attempt on a challenge that was replaced meanwhile counts for nothing, not even a yes', async () => {
      await attempt();
      await replace();
      expect(await settle({ kind: 'verified' })).toBeUndefined();
      expect(await stores.verifications.find(KEY)).toMatchObject({ challenge: 'TWO', attemptsUsed: 0 });
    });

    test('a challenge that is sent again keeps its attempts and its lifetime', async () => {
      await attempt();
      await settle({ kind: 'counted' });
      await replace({ method: 'voice', challenge: 'ONE', ttlMs: 10_000_000 });
      const record = await stores.verifications.find(KEY);
      expect(record).toMatchObject({ method: 'voice', attemptsUsed: 1 });
      expect(record?.remainingMs).toBeLessThanOrEqual(TTL);
    });

    test('a verification that has moved on does not take the challenge', async () => {
      expect(await replace({}, 'ZERO')).toBe(false);
      expect(await replace({}, 'ONE', 'other')).toBe(false);
    });

    test('a removed verification is gone', async () => {
      await stores.verifications.remove(KEY);
      expect(await stores.verifications.find(KEY)).toBeUndefined();
    });

    /** Attempts, each on its own verification. */
    async function attempts(count: number): Promise<Granted[]> {
      const made: Granted[] = [];
      for (let i = 0; i < count; i += 1) {
        await create(`wrong-${i}`);
        made.push(granted(await attempt(`wrong-${i}`)));
      }
      return made;
    }

    test('the tenth locks the subject for an hour, for attempts and messages, before anybody knows that it is wrong', async () => {
      expect((await attempts(9)).some(({ locks }) => locks)).toBe(false);
      expect(await isFree(NO_WAIT)).toBe(true);
      expect((await attempts(1))[0]?.locks).toBe(true);
      for (const refused of [await message(NO_WAIT), await attempt(), await about(NO_WAIT, KEY)]) {
        if (refused.kind !== 'locked') throw new Error(refused.kind);
        expect(refused.waitMs).toBeGreaterThan(LOCK.firstMs - 5000);
        expect(refused.waitMs).toBeLessThanOrEqual(LOCK.firstMs);
      }
      await stores.limits.unlock(SUBJECT);
      expect((await attempt()).kind).toBe('granted');
    });

    test('a release of the tenth lifts its lock', async () => {
      const [last] = (await attempts(10)).slice(-1);
      if (last) await stores.limits.release(last.held);
      expect(await attempt()).toMatchObject({ kind: 'granted', locks: true });
    });

    test('a released one does not count toward a lock', async () => {
      for (let i = 0; i < 12; i += 1) await stores.limits.release(granted(await attempt()).held);
    });

    test('a success forgets the wrong codes before it', async () => {
      await attempts(9);
      await stores.limits.commitSuccess(granted(await attempt()).held);
      await attempts(9);
    });

    test('one whose challenge was gone stays counted, even after a release', async () => {
      const [lost] = await attempts(1);
      await stores.verifications.remove('wrong-0');
      if (lost) await stores.limits.release(lost.held);
      await attempts(8);
      expect((await attempts(1))[0]?.locks).toBe(true);
    });

    test('parallel ones over many verifications stop at ten', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => create(`p-${i}`)));
      const reserved = await Promise.all(Array.from({ length: 20 }, (_, i) => attempt(`p-${i}`)));
      expect(reserved.filter(({ kind }) => kind === 'granted')).toHaveLength(10);
    });
  });
}

const LOCKS_IN_HOURS = [1, 2, 4, 8, 16, 24, 24, 24, 24, undefined];

/** How long each lock lasts, with a hundred wrong codes in a row. `wait` lets one lock pass. */
async function locksOf({ verifications, limits }: Stores, wait: (ms: number) => Promise<unknown>) {
  const locks: (number | undefined)[] = [];
  for (let code = 0; code < LOCK.forGoodAfter; code += 1) {
    const demand = { token: randomUUID(), ...FROM, method: 'sms' };
    await verifications.create('key', {
      subject: SUBJECT,
      scope: 'strangers',
      method: 'sms',
      methodState: '',
      challenge: 'ONE',
      ttlMs: TTL,
    });
    await limits.reserve({ ...demand, terms: ATTEMPT, about: { verification: 'key', isCounted: true } });
    const reserved = await limits.reserve({
      ...demand,
      terms: NO_WAIT,
      about: { subject: SUBJECT, device: undefined },
    });
    if (reserved.kind === 'granted') await limits.release(reserved.held);
    if (reserved.kind !== 'locked') continue;
    locks.push(reserved.waitMs && Math.round(reserved.waitMs / 3_600_000));
    if (reserved.waitMs) await wait(reserved.waitMs);
  }
  return locks;
}

describe('the stores in memory', () => {
  let time = 1_700_000_000_000;
  const create = (maxEntries = 100) => createMemoryStores({ maxAttempts: MAX, maxEntries, now: () => time });
  const pass = async (ms: number) => {
    time += ms;
  };
  const to = (subject: string, terms: Terms): Demand => ({
    token: randomUUID(),
    terms,
    ...FROM,
    about: { subject, device: undefined },
    method: 'sms',
  });

  storesContract(create, pass);

  test('give everything back, even if time passes while they take it', async () => {
    let now = time;
    const ticking = () => {
      now += 1;
      return now;
    };
    const { limits } = createMemoryStores({ maxAttempts: MAX, maxEntries: 100, now: ticking });
    const terms = messageTerms({
      address: [row('A', 1)],
      network: [row('N', 1)],
      number: [row('S', 1)],
      everyone: [row('E', 1)],
    });
    const demand = { ...to(SUBJECT, terms), program: { id: 'shop', rows: [row('M', 1)] } };
    for (let i = 0; i < 3; i += 1) {
      const reserved = await limits.reserve({ ...demand, token: randomUUID() });
      expect(reserved.kind).toBe('granted');
      if (reserved.kind === 'granted') await limits.release(reserved.held);
    }
  });

  test('lock for twice as long each time, up to a day, and permanently after a hundred', async () => {
    const stores = create(2000);
    expect(await locksOf(stores, pass)).toEqual(LOCKS_IN_HOURS);
    time += 300 * 86_400_000;
    expect((await stores.limits.reserve(to(SUBJECT, NO_WAIT))).kind).toBe('locked');
  });

  test('forget everything in time', async () => {
    const { verifications } = create();
    const challenge = {
      subject: SUBJECT,
      scope: 'strangers',
      method: 'sms',
      methodState: '',
      challenge: 'ONE',
    } as const;
    await verifications.create('key', { ...challenge, ttlMs: TTL });
    time += TTL + RESEND_GRACE_MS + 1;
    expect(await verifications.find('key')).toBeUndefined();
  });

  test('start the waits over after an hour without messages', async () => {
    const { limits } = create();
    const reserved = await limits.reserve(to(SUBJECT, WAITS));
    if (reserved.kind === 'granted') await limits.commitMessage(reserved.held);
    time += COOLDOWN_MEMORY_MS + 30_100;
    const again = await limits.reserve(to(SUBJECT, WAITS));
    expect(again.kind === 'granted' && (await limits.commitMessage(again.held)).messages).toBe(1);
  });

  test('when full of people with messages, refuse new people, and do not forget the others', async () => {
    const { limits } = create(50);
    const terms = messageTerms({ number: [row('S', 1, 60_000)] });
    for (let i = 0; i < 50; i += 1) {
      const reserved = await limits.reserve(to(`+1415555${1000 + i}`, terms));
      if (reserved.kind === 'granted') await limits.commitMessage(reserved.held);
    }
    await expect(limits.reserve(to('+14155559999', terms))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    for (let i = 0; i < 50; i += 1)
      expect((await limits.reserve(to(`+1415555${1000 + i}`, terms))).kind).toBe('limited');
    time += COOLDOWN_MEMORY_MS + 60_000;
    expect((await limits.reserve(to('+14155559999', terms))).kind).toBe('granted');
  });

  test('lose nothing and take no memory after a million refused sends', async () => {
    const { limits } = create(1000);
    const terms = messageTerms({ address: [row('A', 1, 3_600_000)], number: [row('S', 1, 3_600_000)] });
    const first = await limits.reserve(to(SUBJECT, terms));
    if (first.kind === 'granted') await limits.commitMessage(first.held);
    const demand = to('', terms);
    let refused = 0;
    for (let i = 0; i < 1_000_000; i += 1) {
      const { kind } = await limits.reserve({ ...demand, about: { subject: `+1${i}`, device: undefined } });
      if (kind === 'limited') refused += 1;
    }
    expect(refused).toBe(1_000_000);
    const elsewhere = { address: '198.51.100.1', network: '198.51.100.0/24' };
    expect(await limits.reserve({ ...to(SUBJECT, terms), ...elsewhere })).toMatchObject({ kind: 'limited', by: 'S' });
    expect((await limits.reserve({ ...to(OTHER, terms), ...elsewhere })).kind).toBe('granted');
  });
});

describeWithRedis('the stores in Redis', () => {
  let redis: TestRedis;
  let stores: ReturnType<typeof createRedisStores>;
  const clock = new RedisClock(() => [redis]);

  async function connect(keys: readonly string[] | undefined) {
    const privacy = keys ? createPrivacy(keys) : PRIVACY;
    const connected = createRedisStores({
      url: redis.url,
      maxAttempts: MAX,
      privacy,
      commandTimeoutMs: PATIENT_MS,
      onConnection: () => undefined,
    });
    clock.set(connected.redis);
    while (
      await connected.ping().then(
        () => false,
        () => true,
      )
    )
      await sleep(10);
    return connected;
  }

  beforeAll(async () => {
    redis = await TestRedis.start();
    stores = await connect(undefined);
  });
  afterAll(async () => {
    stores.close();
    await redis.kill();
  });
  beforeEach(() => redis.command('FLUSHALL'));

  storesContract(
    () => stores,
    (ms) => clock.pass(ms),
  );

  test('lock for twice as long each time, up to a day, and permanently after a hundred', async () => {
    expect(await locksOf(stores, (ms) => clock.pass(ms))).toEqual(LOCKS_IN_HOURS);
  });

  test('keep no key without an expiry, and none of what was released', async () => {
    const terms = messageTerms({
      address: [row('A', 5, 60_000)],
      number: [row('S', 5, 60_000)],
      everyone: [row('E', 5, 60_000)],
    });
    const demand = { token: 'T', terms, ...FROM, about: { subject: SUBJECT, device: undefined }, method: 'sms' };
    const first = await stores.limits.reserve(demand);
    const keys = async () => (await redis.command('KEYS', '*')) as string[];
    expect(await keys()).toHaveLength(3);
    for (const key of await keys()) expect(await redis.command('PTTL', key)).toBeGreaterThan(0);
    if (first.kind === 'granted') await stores.limits.release(first.held);
    expect(await keys()).toEqual([]);
  });

  test('keep a verification as compact as Redis can, with texts as long as Infobip and a destination make them', async () => {
    const destination = { range: '+49151234', block: '+491512', country: 'DE', prices: { sms: 8_900, voice: 12_300 } };
    const methodState = JSON.stringify(['0130269F44AFD07AEBC2FEFEB30398A0', '9C817C6F8AF3D48F9FE553282AFA2B67']);
    const verification = {
      subject: '+4915123456789',
      scope: 'strangers',
      method: 'sms',
      challenge: 'A'.repeat(22),
    } as const;
    await stores.verifications.create('key', {
      ...verification,
      methodState,
      destination: { ...destination, unitPrice: 750 },
      ttlMs: TTL,
    });
    expect(await redis.command('OBJECT', 'ENCODING', 'phone-verification:v3:key')).toBe('listpack');
  });

  describe('while the privacy key is being changed', () => {
    const [older, newer] = [makePrivacyKey(), makePrivacyKey()];
    let before: typeof stores;
    let after: typeof stores;
    beforeAll(async () => {
      before = await connect([older, newer]);
      after = await connect([newer, older]);
    });
    afterAll(() => {
      before.close();
      after.close();
    });

    storesContract(
      () => after,
      (ms) => clock.pass(ms),
    );

    test('a lock by instances with only the old key stops all others, whatever order of keys they have', async () => {
      const oldOnly = await connect([older]);
      const challenge = { scope: 'strangers', method: 'sms', methodState: '', challenge: 'ONE', ttlMs: TTL } as const;
      const to = (subject: string) => ({
        token: randomUUID(),
        terms: NO_WAIT,
        ...FROM,
        about: { subject, device: undefined },
        method: 'sms',
      });
      for (let number = 0; number < 20; number += 1) {
        const subject = `+1415555${7000 + number}`;
        // Half of the subjects are known under the new key before the lock under the old one.
        if (number % 2) await after.limits.reserve(to(subject));
        for (let code = 0; code < LOCK.every; code += 1) {
          await oldOnly.verifications.create('key', { subject, ...challenge });
          const about = { verification: 'key', isCounted: true };
          await oldOnly.limits.reserve({ token: randomUUID(), terms: ATTEMPT, ...FROM, about });
        }
        if (number % 2) await clock.pass(HOLD);
        // Ask one after another, because a parallel request may first meet the message of another one in flight.
        for (const { limits } of [before, after, before, after])
          expect((await limits.reserve(to(subject))).kind).toBe('locked');
      }
      oldOnly.close();
    });

    test('a lock, a wait and a verification under one key hold under the other, back and forth', async () => {
      const challenge = {
        subject: SUBJECT,
        scope: 'strangers',
        method: 'sms',
        methodState: 'STATE',
        challenge: 'ONE',
      } as const;
      const terms = messageTerms({ number: [row('S', 2, 60_000)] });
      const demand = () => ({
        token: randomUUID(),
        terms,
        ...FROM,
        about: { subject: SUBJECT, device: undefined },
        method: 'sms',
      });
      for (const one of [before, after]) {
        const reserved = await one.limits.reserve(demand());
        if (reserved.kind === 'granted') await one.limits.commitMessage(reserved.held);
        expect(reserved.kind).toBe('granted');
      }
      expect((await before.limits.reserve(demand())).kind).toBe('limited');
      const context = { client: 'shop', nonce: 'once' };
      await before.verifications.create('key', { ...challenge, context, ttlMs: TTL });
      expect(await after.verifications.find('key')).toMatchObject({ methodState: 'STATE', context, messages: 2 });
      for (const one of [before, after, before]) {
        const reserved = await one.limits.reserve({
          token: randomUUID(),
          terms: ATTEMPT,
          ...FROM,
          about: { verification: 'key', isCounted: true },
        });
        expect(reserved.kind).toBe('granted');
        await one.verifications.settleAttempt('key', 'ONE', { kind: 'counted' });
      }
    });
  });
});
