import { createMemoryStore } from '@/lib/store/memory-store';
import {
  COOLDOWN_MEMORY_MS,
  type NewPin,
  RESEND_GRACE_MS,
  type Store,
  type VerificationRecord,
} from '@/lib/store/store';

const NUMBER = '+14155552671';
const COOLDOWNS = [30_000, 60_000];
const HOLD = 5_000;
const MAX = 3;

let time = 1_700_000_000_000;
let store: Store;

function advance(ms: number): void {
  time += ms;
}

beforeEach(() => {
  store = createMemoryStore({ maxAttempts: MAX, maxEntries: 100, now: () => time });
});

const record = (more: Partial<VerificationRecord> = {}): VerificationRecord => ({
  phoneNumber: NUMBER,
  channel: 'sms',
  messageId: 'TEMPLATE',
  infobipPinId: 'PIN1',
  attemptsUsed: 0,
  expiresAt: time + 300_000,
  ...more,
});

const pin = (more: Partial<NewPin> = {}): NewPin => ({
  channel: 'sms',
  messageId: 'TEMPLATE',
  infobipPinId: 'PIN1',
  expiresAt: time + 300_000,
  ...more,
});

async function claimed(): Promise<{ token: string; cooldownMs: number }> {
  const claim = await store.claimMessage(NUMBER, COOLDOWNS, HOLD);
  if (!claim.granted) throw new Error(`Not granted for ${claim.retryAfterMs} ms`);
  return claim;
}

describe('messages to a number', () => {
  test('of many parallel claims one is granted', async () => {
    const claims = await Promise.all(Array.from({ length: 50 }, () => store.claimMessage(NUMBER, COOLDOWNS, HOLD)));
    expect(claims.filter(({ granted }) => granted)).toHaveLength(1);
  });

  test('wait longer each time, and the last wait repeats', async () => {
    const waits: number[] = [];
    for (let message = 0; message < 4; message += 1) {
      const { token } = await claimed();
      await store.settleMessage(NUMBER, token, 'sent');
      waits.push(await store.messageWait(NUMBER));
      time += waits.at(-1) ?? 0;
    }
    expect(waits).toEqual([30_000, 60_000, 60_000, 60_000]);
  });

  test('the wait told is true: a millisecond less is too soon', async () => {
    const { token } = await claimed();
    await store.settleMessage(NUMBER, token, 'sent');
    const refused = await store.claimMessage(NUMBER, COOLDOWNS, HOLD);
    if (refused.granted) throw new Error('granted');
    time += refused.retryAfterMs - 1;
    expect((await store.claimMessage(NUMBER, COOLDOWNS, HOLD)).granted).toBe(false);
    time += 1;
    expect((await store.claimMessage(NUMBER, COOLDOWNS, HOLD)).granted).toBe(true);
  });

  test('one that never left frees the number and leaves the next wait as it was', async () => {
    await store.settleMessage(NUMBER, (await claimed()).token, 'free');
    expect(await store.messageWait(NUMBER)).toBe(0);
    expect((await claimed()).cooldownMs).toBe(30_000);
  });

  test('a claim that nobody settles lapses; its late end changes nothing', async () => {
    const lost = await claimed();
    time += 30_000;
    const next = await claimed();
    await store.settleMessage(NUMBER, lost.token, 'free');
    expect((await store.claimMessage(NUMBER, COOLDOWNS, HOLD)).granted).toBe(false);
    await store.settleMessage(NUMBER, next.token, 'sent');
    expect(await store.messageWait(NUMBER)).toBe(30_000);
  });

  test('without a cooldown only the one in flight is in the way', async () => {
    const first = await store.claimMessage(NUMBER, [0], HOLD);
    expect((await store.claimMessage(NUMBER, [0], HOLD)).granted).toBe(false);
    await store.settleMessage(NUMBER, first.granted ? first.token : '', 'sent');
    expect((await store.claimMessage(NUMBER, [0], HOLD)).granted).toBe(true);
  });

  test.each([
    ['a success', () => store.resetCooldown(NUMBER)],
    ['an hour of quiet', async () => advance(COOLDOWN_MEMORY_MS + 60_000)],
  ])('%s makes the next wait the first again', async (_name, act) => {
    await store.settleMessage(NUMBER, (await claimed()).token, 'sent');
    time += 30_000;
    await act();
    expect((await claimed()).cooldownMs).toBe(30_000);
  });
});

describe('tries of a code', () => {
  const KEY = 'key';
  const claim = () => store.claimAttempt(KEY, MAX, HOLD);

  test('of many parallel ones one is granted, and the others find it busy', async () => {
    await store.create(KEY, record());
    const kinds = (await Promise.all(Array.from({ length: 50 }, claim))).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual([...Array(49).fill('busy'), 'granted']);
  });

  test('a success spends the verification', async () => {
    await store.create(KEY, record());
    await claim();
    expect(await store.settleAttempt(KEY, 'PIN1', { kind: 'verified' })).toMatchObject({ phoneNumber: NUMBER });
    expect((await claim()).kind).toBe('missing');
    expect(await store.settleAttempt(KEY, 'PIN1', { kind: 'verified' })).toBeUndefined();
  });

  test('wrong ones end at the limit', async () => {
    await store.create(KEY, record());
    for (let attempt = 0; attempt < MAX; attempt += 1) {
      await claim();
      await store.settleAttempt(KEY, 'PIN1', { kind: 'wrong', attemptsRemaining: undefined });
    }
    expect((await claim()).kind).toBe('exhausted');
  });

  test.each([
    [{ kind: 'wrong', attemptsRemaining: 1 }, 2],
    [{ kind: 'wrong', attemptsRemaining: 9 }, 1],
    [{ kind: 'wrong', attemptsRemaining: 0 }, 3],
    [{ kind: 'exhausted' }, 3],
    [{ kind: 'counted' }, 1],
    [{ kind: 'refund' }, 0],
  ] as const)('after %j, %i are used', async (outcome, used) => {
    await store.create(KEY, record());
    await claim();
    expect((await store.settleAttempt(KEY, 'PIN1', outcome))?.attemptsUsed).toBe(used);
    expect((await store.find(KEY))?.attemptsUsed).toBe(used);
  });

  test('one whose process died has counted, and is in nobody’s way after its hold', async () => {
    await store.create(KEY, record());
    await claim();
    time += HOLD;
    expect(await claim()).toMatchObject({ kind: 'granted', record: { attemptsUsed: 2 } });
  });

  test('a dead PIN is expired, but the verification can still be given another', async () => {
    await store.create(KEY, record());
    await claim();
    await store.settleAttempt(KEY, 'PIN1', { kind: 'dead' });
    expect((await claim()).kind).toBe('expired');
    expect(await store.replacePin(KEY, 'PIN1', pin({ infobipPinId: 'PIN2' }))).toBe(true);
    expect(await claim()).toMatchObject({ kind: 'granted', record: { attemptsUsed: 1, infobipPinId: 'PIN2' } });
  });

  test('a try of a PIN that was replaced meanwhile counts for nothing, not even a yes', async () => {
    await store.create(KEY, record());
    await claim();
    await store.replacePin(KEY, 'PIN1', pin({ infobipPinId: 'PIN2' }));
    expect(await store.settleAttempt(KEY, 'PIN1', { kind: 'verified' })).toBeUndefined();
    expect(await store.find(KEY)).toMatchObject({ infobipPinId: 'PIN2', attemptsUsed: 0 });
  });

  test('the same PIN sent again keeps its tries', async () => {
    await store.create(KEY, record({ attemptsUsed: 2 }));
    await store.replacePin(KEY, 'PIN1', pin({ channel: 'voice' }));
    expect(await store.find(KEY)).toMatchObject({ channel: 'voice', attemptsUsed: 2 });
  });

  test('a PIN is not put into a verification that moved on', async () => {
    await store.create(KEY, record());
    expect(await store.replacePin(KEY, 'PIN0', pin())).toBe(false);
    expect(await store.replacePin('other', 'PIN1', pin())).toBe(false);
  });

  test('everything is forgotten in time', async () => {
    await store.create(KEY, record());
    time += 300_000;
    expect((await claim()).kind).toBe('expired');
    time += RESEND_GRACE_MS + 1;
    expect(await store.find(KEY)).toBeUndefined();
  });

  test('memory is bounded: the oldest go first', async () => {
    for (let i = 0; i <= 100; i += 1) await store.create(`key-${i}`, record());
    expect(await store.find('key-0')).toBeUndefined();
    expect(await store.find('key-100')).toBeDefined();
  });
});
