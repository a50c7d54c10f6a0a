import { testEnvironment } from '@/__tests__/support/app';
import { loadConfig } from '@/lib/config/config';
import { type BudgetAlert, createLimits } from '@/lib/limits/reservation';
import { termsOf } from '@/lib/limits/terms';
import { createMemoryStores } from '@/lib/store/memory/memory-stores';

const MINUTE = 60_000;

function limitsOf(variables: Record<string, string>) {
  const env = { ...testEnvironment('http://127.0.0.1:9'), ...variables } as unknown as NodeJS.ProcessEnv;
  const stores = createMemoryStores({ maxAttempts: 5 });
  return { stores, limits: createLimits(stores.limits, termsOf(loadConfig(env), 4500)) };
}

const from = (host: number) => ({ address: `20.0.${host >> 8}.${host & 255}`, network: `20.0.${host >> 8}.0/24` });
const message = (host: number, subject: string) => [from(host), { subject, method: 'sms', device: undefined }] as const;

afterEach(() => jest.useRealTimers());

test('requests about missing verifications count up to a bound, and again an hour later', async () => {
  jest.useFakeTimers({ now: 0 });
  const { limits } = limitsOf({ LIMIT_VERIFY_PER_ADDRESS: '1/1h' });
  const isCounted = async (host: number) => {
    await limits.reserveAttempt(from(host), 'nothing');
    return (await limits.reserveAttempt(from(host), 'nothing')).kind === 'limited';
  };
  expect(await isCounted(1)).toBe(true);
  for (let host = 2; host < 20_001; host += 1) await limits.reserveAttempt(from(host), 'nothing');
  expect(await isCounted(40_000)).toBe(false);
  jest.setSystemTime(61 * MINUTE);
  expect(await isCounted(40_000)).toBe(true);
});

test('a global limit’s used share is as last seen, one while it refuses, and zero once its window ended', async () => {
  jest.useFakeTimers({ now: 0 });
  const { limits } = limitsOf({ LIMIT_SEND_GLOBAL: '2/1m' });
  const used = () => limits.usedForEveryone().LIMIT_SEND_GLOBAL;
  expect(used()).toBe(0);
  await limits.reserveMessage(...message(1, '+14155550001'));
  expect(used()).toBe(0.5);
  await limits.reserveMessage(...message(2, '+14155550002'));
  expect((await limits.reserveMessage(...message(3, '+14155550003'))).kind).toBe('limited');
  expect(used()).toBe(1);
  jest.setSystemTime(MINUTE);
  expect(used()).toBe(0);
});

test('a released message counts as if nobody had asked', async () => {
  const { limits } = limitsOf({ LIMIT_SEND_PER_NUMBER: '1/1d' });
  for (let i = 0; i < 3; i += 1) {
    const reserved = await limits.reserveMessage(...message(1, '+14155550001'));
    if (reserved.kind !== 'granted') throw new Error(reserved.kind);
    await reserved.release();
  }
});

describe('the alert for a budget', () => {
  const destination = {
    range: '+1415555',
    block: '+14155',
    country: 'US',
    prices: { sms: 1_000_000, voice: 2_000_000 },
    unitPrice: 1_000_000,
  };

  function budgetOf(variables: Record<string, string>) {
    const env = { ...testEnvironment('http://127.0.0.1:9'), FRAUD_GUARD: 'off', BUDGET_PER_DAY: '1000', ...variables };
    const stores = createMemoryStores({ maxAttempts: 5 });
    const alerts: BudgetAlert[] = [];
    const terms = termsOf(loadConfig(env as unknown as NodeJS.ProcessEnv), 4500);
    const limits = createLimits(stores.limits, terms, (alert) => alerts.push(alert));
    let host = 0;
    const send = () => {
      host += 1;
      const subject = `+1415555${1000 + host}`;
      return limits.reserveMessage(from(host), { subject, method: 'sms', device: undefined, destination });
    };
    return { send, alertsSoFar: () => alerts.map(({ budget, percent }) => `${budget} ${percent}`) };
  }

  test('comes once for half, four fifths and all of it, however many messages are refused', async () => {
    const { send, alertsSoFar } = budgetOf({ BUDGET_PER_HOUR: '100' });
    for (let i = 0; i < 15; i += 1) await send();
    expect(alertsSoFar()).toEqual(['BUDGET_PER_HOUR 50', 'BUDGET_PER_HOUR 80', 'BUDGET_PER_HOUR 100']);
  });

  test('comes again in the next window', async () => {
    jest.useFakeTimers({ now: 0 });
    const { send, alertsSoFar } = budgetOf({ BUDGET_PER_HOUR: '10' });
    for (let i = 0; i < 3; i += 1) await send();
    jest.setSystemTime(61 * MINUTE);
    for (let i = 0; i < 3; i += 1) await send();
    expect(alertsSoFar().filter((one) => one === 'BUDGET_PER_HOUR 100')).toHaveLength(2);
  });
});
