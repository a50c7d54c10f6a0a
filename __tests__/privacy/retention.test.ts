import { eventOf } from '@/__tests__/support/event-of';
import { useEmbedded } from '@/__tests__/support/factor-databases';
import { newAccount, newPasskey } from '@/__tests__/support/factor-records';
import { useSimulator } from '@/__tests__/support/use-app';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy } from '@/lib/privacy';

const DAY = 24 * 60 * 60_000;
const PRIVACY_KEY = makePrivacyKey();

describe('a server that starts', () => {
  const database = useEmbedded();
  const { withApp } = useSimulator();
  const DATA_DIR = database.settings.dataDir ?? '';
  const privacy = createPrivacy([PRIVACY_KEY]);

  test('removes accounts that nobody has used for 400 days, and keeps the others', async () => {
    const store = database.open(privacy);
    const unused = newAccount({ lastUsedAt: Date.now() - 401 * DAY });
    const used = newAccount({ lastUsedAt: Date.now() - 399 * DAY });
    for (const account of [unused, used]) await store.createAccount(account, newPasskey());
    await withApp({ DATA_DIR, PRIVACY_KEY }, async (app) => {
      expect(await eventOf(app, 'accounts.expired')).toMatchObject({ level: 30, accounts: 1 });
      expect(app.output).not.toContain('database.unreadable');
    });
    expect(await store.findAccountById(unused.id)).toBeUndefined();
    expect(await store.findAccountById(used.id)).toBeDefined();
  });

  test('reports accounts under a privacy key that it does not have', async () => {
    const other = database.open(createPrivacy([makePrivacyKey()]));
    await other.createAccount(newAccount({ lastUsedAt: Date.now() }), newPasskey());
    await withApp({ DATA_DIR, PRIVACY_KEY }, async (app) => {
      expect(await eventOf(app, 'database.unreadable')).toMatchObject({
        level: 50,
        accounts: 1,
        remedy: expect.stringContaining('PRIVACY_KEY'),
      });
    });
  });
});
