import { useEmbedded } from '@/__tests__/support/factor-databases';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';
import { CEREMONY_TTL_MS, openCeremony, startCeremony } from '@/lib/verification/ceremony';

const START = Date.UTC(2027, 0, 1);
const SECOND = 1000;
const KIND = 'verify-passkey';

describe('a ceremony', () => {
  const database = useEmbedded();
  beforeAll(() => {
    jest.useFakeTimers({ now: START, doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'performance'] });
  });
  afterAll(() => jest.useRealTimers());

  test('counts once, even on a server whose clock is behind that of another one', async () => {
    const [privacy, store] = [createPrivacy([makePrivacyKey()]), database.open()];
    const token = startCeremony(privacy, KIND, 'somebody', {});
    const end = () => openCeremony(privacy, KIND, 'somebody', token)?.spend(store);
    jest.setSystemTime(START + CEREMONY_TTL_MS[KIND] - SECOND);
    expect(await end()).toBe(true);
    // The other server forgets what has expired.
    jest.setSystemTime(START + CEREMONY_TTL_MS[KIND] + 30 * SECOND);
    await openCeremony(privacy, KIND, '', startCeremony(privacy, KIND, '', {}))?.spend(store);
    jest.setSystemTime(START + CEREMONY_TTL_MS[KIND] - SECOND);
    expect(await end()).toBe(false);
  });
});
