import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithRedis, TestRedis } from '@/__tests__/support/redis';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import { createMemoryStore } from '@/lib/store/memory/memory-store';
import { createRedisStore } from '@/lib/store/redis/redis-store';
import {
  type AttemptOutcome,
  type ClaimTerms,
  COOLDOWN_MEMORY_MS,
  LOCK,
  type NewPin,
  RESEND_GRACE_MS,
  type Store,
} from '@/lib/store/store';

const NUMBER = '+14155552671';
const TERMS: ClaimTerms = { cooldownsMs: [300, 600], allowances: [], holdMs: 200 };
const NO_COOLDOWN: ClaimTerms = { cooldownsMs: [0], allowances: [], holdMs: 200 };
const HOLD = 200;
const TTL = 1000;
const MAX = 3;
const PARALLEL = 50;

const VERIFIED: AttemptOutcome = {
  kind: 'verified',
  session: { key: 'session', proof: 'PROOF', ttlMs: 1000, replaces: undefined },
};
const PRIVACY = createPrivacy([makePrivacyKey()]);

const pin = (more: Partial<NewPin> = {}): NewPin => ({
  channel: 'sms',
  messageId: 'TEMPLATE',
  infobipPinId: 'PIN1',
  ttlMs: TTL,
  ...more,
});

/** What every store promises. `pass` lets time go by. */
function storeContract(storeOf: () => Store, pass: (ms: number) => Promise<unknown>): void {
  let store: Store;
  beforeEach(() => {
    store = storeOf();
  });

  async function claimed(terms = TERMS): Promise<{ token: string; cooldownMs: number }> {
    const claim = await store.claimMessage(NUMBER, 'sms', terms);
    if (claim.kind !== 'granted') throw new Error(`Not granted: ${JSON.stringify(claim)}`);
    return claim;
  }
  const sent = async () => store.settleMessage(NUMBER, (await claimed()).token, 'sent', []);
  const isFree = async (terms = TERMS) => (await store.claimMessage(NUMBER, 'sms', terms)).kind === 'granted';

  describe('messages to a number', () => {
    test('of many parallel claims one is granted', async () => {
      const claims = await Promise.all(
        Array.from({ length: PARALLEL }, () => store.claimMessage(NUMBER, 'sms', TERMS)),
      );
      expect(claims.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
    });

    test('wait longer each time, and the last wait repeats', async () => {
      const cooldowns: number[] = [];
      for (let message = 0; message < 3; message += 1) {
        const { token, cooldownMs } = await claimed();
        const standing = await store.settleMessage(NUMBER, token, 'sent', []);
        cooldowns.push(cooldownMs);
        expect(standing.messages).toBe(message + 1);
        expect(standing.waitMs).toBeGreaterThan(cooldownMs - 250);
        expect(standing.waitMs).toBeLessThanOrEqual(cooldownMs);
        await pass(standing.waitMs);
      }
      expect(cooldowns).toEqual([300, 600, 600]);
    });

    test('the wait told is true: then the number is free, and not before', async () => {
      await sent();
      const refused = await store.claimMessage(NUMBER, 'sms', TERMS);
      if (refused.kind !== 'wait') throw new Error(refused.kind);
      expect(refused.by).toBeUndefined();
      await pass(refused.retryAfterMs - 250);
      expect(await isFree()).toBe(false);
      await pass(250);
      expect(await isFree()).toBe(true);
    });

    test('one that never left frees the number and leaves the next wait as it was', async () => {
      const standing = await store.settleMessage(NUMBER, (await claimed()).token, 'free', []);
      expect(standing).toEqual({ waitMs: 0, messages: 0 });
      expect((await claimed()).cooldownMs).toBe(300);
    });

    test('one that never left does not make the waits start over', async () => {
      await sent();
      await pass(300);
      await sent();
      await pass(600);
      const longer = { ...TERMS, cooldownsMs: [300, 600, 900] };
      await store.settleMessage(NUMBER, (await claimed(longer)).token, 'free', []);
      expect((await claimed(longer)).cooldownMs).toBe(900);
    });

    test('an allowance is used by what was sent, given back by what was not, and free again after its window', async () => {
      const row = { name: 'ROW', points: 2, windowMs: 1500, channel: undefined };
      const calls = { name: 'CALLS', points: 1, windowMs: 1500, channel: 'voice' } as const;
      const terms: ClaimTerms = { ...NO_COOLDOWN, allowances: [row, calls] };
      const end = (token: string, outcome: 'sent' | 'free') => store.settleMessage(NUMBER, token, outcome, [row]);
      await end((await claimed(terms)).token, 'sent');
      await end((await claimed(terms)).token, 'free');
      await end((await claimed(terms)).token, 'sent');
      const refused = await store.claimMessage(NUMBER, 'sms', terms);
      if (refused.kind !== 'wait') throw new Error(refused.kind);
      expect(refused.retryAfterMs).toBeGreaterThan(500);
      expect(refused.by).toBe('ROW');
      await pass(refused.retryAfterMs);
      expect(await isFree(terms)).toBe(true);
    });

    test('an allowance of calls counts calls only, and refuses before anything is used up', async () => {
      const row = { name: 'ROW', points: 3, windowMs: 60_000, channel: undefined };
      const calls = { name: 'CALLS', points: 1, windowMs: 60_000, channel: 'voice' } as const;
      const terms: ClaimTerms = { ...NO_COOLDOWN, allowances: [row, calls] };
      const claimBy = (channel: 'sms' | 'voice') => store.claimMessage(NUMBER, channel, terms);
      const voice = await claimBy('voice');
      await store.settleMessage(NUMBER, voice.kind === 'granted' ? voice.token : '', 'sent', [row, calls]);
      for (let i = 0; i < 5; i += 1) expect((await claimBy('voice')).kind).toBe('wait');
      for (let i = 0; i < 2; i += 1) {
        const sms = await claimBy('sms');
        await store.settleMessage(NUMBER, sms.kind === 'granted' ? sms.token : '', 'sent', [row]);
        expect(sms.kind).toBe('granted');
      }
      expect((await claimBy('sms')).kind).toBe('wait');
    });

    test('a claim that nobody settles lapses; its late end changes nothing', async () => {
      const lost = await claimed();
      await pass(301);
      await claimed();
      await store.settleMessage(NUMBER, lost.token, 'free', []);
      expect(await isFree()).toBe(false);
    });

    test('without a cooldown only the one in flight is in the way', async () => {
      const { token } = await claimed(NO_COOLDOWN);
      expect(await isFree(NO_COOLDOWN)).toBe(false);
      await store.settleMessage(NUMBER, token, 'sent', []);
      expect(await isFree(NO_COOLDOWN)).toBe(true);
    });

    test('a verification is found with where its number stands: the wait, and the messages until a success', async () => {
      await store.create('key', NUMBER, pin());
      expect(await store.find('key')).toMatchObject({ phoneNumber: NUMBER, waitMs: 0, messages: 0 });
      await sent();
      const found = await store.find('key');
      expect(found?.messages).toBe(1);
      expect(found?.waitMs).toBeGreaterThan(50);
      expect(found?.waitMs).toBeLessThanOrEqual(300);
      await store.claimAttempt('key', HOLD);
      await store.settleAttempt('key', 'PIN1', VERIFIED);
      await store.create('key', NUMBER, pin());
      expect((await store.find('key'))?.messages).toBe(0);
    });

    test('a success makes the next wait the first again', async () => {
      await sent();
      await store.create('key', NUMBER, pin());
      await store.claimAttempt('key', HOLD);
      await store.settleAttempt('key', 'PIN1', VERIFIED);
      await pass(301);
      expect((await claimed()).cooldownMs).toBe(300);
    });

    test('a resend claims the number of its verification, and only that', async () => {
      await store.create('key', NUMBER, pin());
      const claims = await Promise.all(
        Array.from({ length: PARALLEL }, () => store.claimResend('key', undefined, TERMS)),
      );
      expect(claims.filter((claim) => claim?.claim.kind === 'granted')).toHaveLength(1);
      expect(claims[0]?.record).toMatchObject({ phoneNumber: NUMBER, infobipPinId: 'PIN1' });
      expect(await isFree()).toBe(false);
      expect((await store.claimMessage('+14155552672', 'sms', TERMS)).kind === 'granted').toBe(true);
      expect(await store.claimResend('other', undefined, TERMS)).toBeUndefined();
    });
  });

  describe('sessions', () => {
    const open = async (key: string, replaces?: string) => {
      await store.create('key', NUMBER, pin());
      await store.claimAttempt('key', HOLD);
      const session = { key, proof: `PROOF of ${key}`, ttlMs: 300, replaces };
      return store.settleAttempt('key', 'PIN1', { kind: 'verified', session });
    };

    test('are opened by a success, hold its proof, and end by themselves', async () => {
      await open('one');
      expect(await store.findSession('one')).toBe('PROOF of one');
      expect(await store.findSession('two')).toBeUndefined();
      await pass(301);
      expect(await store.findSession('one')).toBeUndefined();
    });

    test('take the place of the one before', async () => {
      await open('one');
      await open('two', 'one');
      expect([await store.findSession('one'), await store.findSession('two')]).toEqual([undefined, 'PROOF of two']);
    });

    test('are not opened by a success that came too late', async () => {
      await open('one');
      const session = { key: 'late', proof: 'PROOF', ttlMs: 300, replaces: 'one' };
      expect(await store.settleAttempt('key', 'PIN1', { kind: 'verified', session })).toBeUndefined();
      expect([await store.findSession('late'), await store.findSession('one')]).toEqual([undefined, 'PROOF of one']);
    });

    test('can be ended', async () => {
      await open('one');
      await store.endSession('one');
      await store.endSession('none');
      expect(await store.findSession('one')).toBeUndefined();
    });
  });

  describe('tries of a code', () => {
    const KEY = 'key';
    const claim = () => store.claimAttempt(KEY, HOLD);
    beforeEach(() => store.create(KEY, NUMBER, pin()));

    test('of many parallel ones one is granted, and the others find it busy', async () => {
      const kinds = (await Promise.all(Array.from({ length: PARALLEL }, claim))).map(({ kind }) => kind);
      expect(kinds.sort()).toEqual([...Array(PARALLEL - 1).fill('busy'), 'granted']);
    });

    test('a success spends the verification', async () => {
      await claim();
      expect(await store.settleAttempt(KEY, 'PIN1', VERIFIED)).toEqual({ attemptsUsed: 1, locked: false });
      expect((await claim()).kind).toBe('missing');
      expect(await store.settleAttempt(KEY, 'PIN1', VERIFIED)).toBeUndefined();
    });

    test('wrong ones end at the limit', async () => {
      for (let attempt = 0; attempt < MAX; attempt += 1) {
        expect((await claim()).kind).toBe('granted');
        await store.settleAttempt(KEY, 'PIN1', { kind: 'wrong', attemptsRemaining: undefined });
      }
      expect((await claim()).kind).toBe('exhausted');
    });

    test.each([
      [{ kind: 'wrong', attemptsRemaining: undefined }, 1],
      [{ kind: 'wrong', attemptsRemaining: 1 }, 2],
      [{ kind: 'wrong', attemptsRemaining: 9 }, 1],
      [{ kind: 'wrong', attemptsRemaining: 0 }, 3],
      [{ kind: 'exhausted' }, 3],
      [{ kind: 'counted' }, 1],
      [{ kind: 'refund' }, 0],
    ] as const)('after %j, %i are used', async (outcome, used) => {
      await claim();
      expect(await store.settleAttempt(KEY, 'PIN1', outcome)).toEqual({ attemptsUsed: used, locked: false });
      expect((await store.find(KEY))?.attemptsUsed).toBe(used);
    });

    test('one whose process died has counted, and is in nobody’s way after its hold', async () => {
      await claim();
      await pass(HOLD + 1);
      expect(await claim()).toMatchObject({ kind: 'granted', record: { attemptsUsed: 2 } });
    });

    test('a dead PIN is expired, but the verification can be given another', async () => {
      await claim();
      await store.settleAttempt(KEY, 'PIN1', { kind: 'dead' });
      expect((await claim()).kind).toBe('expired');
      expect(await store.replacePin(KEY, 'PIN1', pin({ infobipPinId: 'PIN2' }))).toBe(true);
      expect(await claim()).toMatchObject({ kind: 'granted', record: { attemptsUsed: 1, infobipPinId: 'PIN2' } });
    });

    test('a PIN expires in time, and can still be replaced then', async () => {
      await pass(TTL + 1);
      expect((await claim()).kind).toBe('expired');
      expect((await store.find(KEY))?.remainingMs).toBe(0);
      await store.replacePin(KEY, 'PIN1', pin({ infobipPinId: 'PIN2', channel: 'voice', messageId: 'CALLS' }));
      expect(await store.find(KEY)).toMatchObject({ channel: 'voice', messageId: 'CALLS', infobipPinId: 'PIN2' });
      expect((await claim()).kind).toBe('granted');
    });

    test('a try of a PIN that was replaced meanwhile counts for nothing, not even a yes', async () => {
      await claim();
      await store.replacePin(KEY, 'PIN1', pin({ infobipPinId: 'PIN2' }));
      expect(await store.settleAttempt(KEY, 'PIN1', VERIFIED)).toBeUndefined();
      expect(await store.find(KEY)).toMatchObject({ infobipPinId: 'PIN2', attemptsUsed: 0 });
    });

    test('the same PIN sent again keeps its tries and its lifetime', async () => {
      await claim();
      await store.settleAttempt(KEY, 'PIN1', { kind: 'counted' });
      await store.replacePin(KEY, 'PIN1', pin({ channel: 'voice', ttlMs: 100_000 }));
      const record = await store.find(KEY);
      expect(record).toMatchObject({ channel: 'voice', attemptsUsed: 1 });
      expect(record?.remainingMs).toBeLessThanOrEqual(TTL);
    });

    test('a PIN is not put into a verification that moved on', async () => {
      expect(await store.replacePin(KEY, 'PIN0', pin())).toBe(false);
      expect(await store.replacePin('other', 'PIN1', pin())).toBe(false);
    });

    /** Wrong codes for the number, each with a verification of its own. */
    async function wrongCodes(count: number): Promise<boolean[]> {
      const locked: boolean[] = [];
      for (let i = 0; i < count; i += 1) {
        await store.create(`wrong-${i}`, NUMBER, pin());
        await store.claimAttempt(`wrong-${i}`, HOLD);
        const outcome = { kind: 'wrong', attemptsRemaining: undefined } as const;
        locked.push((await store.settleAttempt(`wrong-${i}`, 'PIN1', outcome))?.locked ?? false);
      }
      return locked;
    }

    test('the tenth wrong code locks the number for an hour, for tries, sends and resends', async () => {
      expect(await wrongCodes(9)).not.toContain(true);
      expect(await store.claimMessage(NUMBER, 'sms', NO_COOLDOWN)).toMatchObject({ kind: 'granted' });
      expect(await wrongCodes(1)).toEqual([true]);
      const claims = [
        await store.claimMessage(NUMBER, 'sms', NO_COOLDOWN),
        await claim(),
        (await store.claimResend(KEY, undefined, NO_COOLDOWN))?.claim,
      ];
      for (const refused of claims) {
        if (refused?.kind !== 'locked') throw new Error(refused?.kind);
        expect(refused.retryAfterMs).toBeGreaterThan(LOCK.firstMs - 5000);
        expect(refused.retryAfterMs).toBeLessThanOrEqual(LOCK.firstMs);
      }
      await store.unlock(NUMBER);
      expect((await claim()).kind).toBe('granted');
    });

    test.each(['refund', 'dead'] as const)('a try that ended as %s counts for no lock', async (kind) => {
      for (let i = 0; i < 12; i += 1) {
        await store.create(KEY, NUMBER, pin());
        expect((await claim()).kind).toBe('granted');
        await store.settleAttempt(KEY, 'PIN1', { kind });
      }
    });

    test('a success forgets the wrong codes before it', async () => {
      await wrongCodes(9);
      await claim();
      await store.settleAttempt(KEY, 'PIN1', VERIFIED);
      await wrongCodes(9);
      await store.create(KEY, NUMBER, pin());
      expect((await claim()).kind).toBe('granted');
    });

    test('tries whose end never came lock the number too, and a PIN given meanwhile changes nothing', async () => {
      for (let i = 0; i < 10; i += 1) {
        await store.create(`lost-${i}`, NUMBER, pin());
        expect((await store.claimAttempt(`lost-${i}`, HOLD)).kind).toBe('granted');
        // A new PIN, or a new verification of the client: the try under way ends nowhere.
        if (i % 2) await store.replacePin(`lost-${i}`, 'PIN1', pin({ infobipPinId: 'PIN2' }));
        else await store.remove(`lost-${i}`);
        expect(await store.settleAttempt(`lost-${i}`, 'PIN1', { kind: 'counted' })).toBeUndefined();
      }
      expect(await claim()).toMatchObject({ kind: 'locked', retryAfterMs: expect.any(Number) });
      expect(await store.claimMessage(NUMBER, 'sms', NO_COOLDOWN)).toMatchObject({ kind: 'locked' });
    });

    test('parallel tries over many verifications stop at the ten', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => store.create(`p-${i}`, NUMBER, pin())));
      const claims = await Promise.all(Array.from({ length: 20 }, (_, i) => store.claimAttempt(`p-${i}`, HOLD)));
      expect(claims.filter(({ kind }) => kind === 'granted')).toHaveLength(10);
    });

    test('a removed verification is gone', async () => {
      await store.remove(KEY);
      expect(await store.find(KEY)).toBeUndefined();
    });
  });
}

describe('the store in memory', () => {
  let time = 1_700_000_000_000;
  const create = (maxEntries = 100) => createMemoryStore({ maxAttempts: MAX, maxEntries, now: () => time });

  storeContract(create, async (ms) => {
    time += ms;
  });

  test('forgets everything in time', async () => {
    const store = create();
    await store.create('key', NUMBER, pin());
    time += TTL + RESEND_GRACE_MS + 1;
    expect(await store.find('key')).toBeUndefined();
  });

  test('locks for twice as long each time, up to a day, and for good after a hundred', async () => {
    const store = create(2000);
    const locks: (number | undefined)[] = [];
    for (let code = 0; code < LOCK.forGoodAfter; code += 1) {
      await store.create('key', NUMBER, pin());
      expect((await store.claimAttempt('key', HOLD)).kind).toBe('granted');
      await store.settleAttempt('key', 'PIN1', { kind: 'wrong', attemptsRemaining: undefined });
      const claim = await store.claimMessage(NUMBER, 'sms', NO_COOLDOWN);
      if (claim.kind === 'granted') await store.settleMessage(NUMBER, claim.token, 'sent', []);
      if (claim.kind !== 'locked') continue;
      locks.push(claim.retryAfterMs && claim.retryAfterMs / 3_600_000);
      time += claim.retryAfterMs ?? 0;
    }
    expect(locks).toEqual([1, 2, 4, 8, 16, 24, 24, 24, 24, undefined]);
    time += 300 * 86_400_000;
    expect((await store.claimMessage(NUMBER, 'sms', NO_COOLDOWN)).kind).toBe('locked');
  });

  test('starts the waits again after an hour of quiet', async () => {
    const store = create();
    const claim = await store.claimMessage(NUMBER, 'sms', TERMS);
    await store.settleMessage(NUMBER, claim.kind === 'granted' ? claim.token : '', 'sent', []);
    time += COOLDOWN_MEMORY_MS + 301;
    expect(await store.claimMessage(NUMBER, 'sms', TERMS)).toMatchObject({ kind: 'granted', cooldownMs: 300 });
  });

  test('is bounded: the oldest go first', async () => {
    const store = create(100);
    for (let i = 0; i <= 100; i += 1) await store.create(`key-${i}`, NUMBER, pin());
    expect(await store.find('key-0')).toBeUndefined();
    expect(await store.find('key-100')).toBeDefined();
  });
});

describeWithRedis('the store in Redis', () => {
  let redis: TestRedis;
  let store: ReturnType<typeof createRedisStore>;

  beforeAll(async () => {
    redis = await TestRedis.start();
    store = createRedisStore({ url: redis.url, maxAttempts: MAX, privacy: PRIVACY, onConnection: () => undefined });
    while (
      await store.ping().then(
        () => false,
        () => true,
      )
    )
      await sleep(10);
  });
  afterAll(async () => {
    store.close();
    await redis.kill();
  });
  beforeEach(() => redis.command('FLUSHALL'));

  storeContract(
    () => store,
    (ms) => sleep(ms + 5),
  );

  test('locks for twice as long each time, up to a day, and for good after a hundred', async () => {
    const locks: (number | undefined)[] = [];
    for (let code = 0; code < LOCK.forGoodAfter; code += 1) {
      await store.create('key', NUMBER, pin());
      expect((await store.claimAttempt('key', HOLD)).kind).toBe('granted');
      await store.settleAttempt('key', 'PIN1', { kind: 'wrong', attemptsRemaining: undefined });
      const claim = await store.claimMessage(NUMBER, 'sms', NO_COOLDOWN);
      if (claim.kind === 'granted') await store.settleMessage(NUMBER, claim.token, 'sent', []);
      if (claim.kind !== 'locked') continue;
      locks.push(claim.retryAfterMs && Math.round(claim.retryAfterMs / 3_600_000));
      // Redis' clock cannot be moved; the lock's end can.
      if (claim.retryAfterMs)
        await redis.command('HSET', `phone-verification:w:${PRIVACY.pseudonym('number', NUMBER)}`, 'u', 0);
    }
    expect(locks).toEqual([1, 2, 4, 8, 16, 24, 24, 24, 24, undefined]);
  });

  test('keeps no key without an end', async () => {
    const row = { name: 'ROW', points: 5, windowMs: 50, channel: undefined };
    const terms = { ...NO_COOLDOWN, allowances: [row] };
    const lost = await store.claimMessage(NUMBER, 'sms', terms);
    await sleep(60);
    // The allowance's window has ended meanwhile: giving back must not bring it back for ever.
    await store.settleMessage(NUMBER, lost.kind === 'granted' ? lost.token : '', 'free', [row]);
    const claim = await store.claimMessage(NUMBER, 'sms', { ...terms, allowances: [{ ...row, windowMs: 60_000 }] });
    await store.settleMessage(NUMBER, claim.kind === 'granted' ? claim.token : '', 'free', [row]);
    await store.create('key', NUMBER, pin());
    await store.claimAttempt('key', HOLD);
    await store.settleAttempt('key', 'PIN1', { kind: 'wrong', attemptsRemaining: 1 });
    await store.replacePin('key', 'PIN1', pin({ infobipPinId: 'PIN2' }));
    const keys = (await redis.command('KEYS', '*')) as string[];
    expect(keys).toHaveLength(5);
    for (const key of keys) {
      const ttl = await redis.command('PTTL', key);
      expect(ttl).toBeGreaterThan(0);
      // The mark of a privacy key, which is about nobody, is there as long as a lock for good.
      expect(ttl).toBeLessThanOrEqual(key.startsWith('phone-verification:k:') ? LOCK.forGoodMs : LOCK.memoryMs);
    }
  });
});
