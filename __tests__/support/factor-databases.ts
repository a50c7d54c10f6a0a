import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy, type Privacy } from '@/lib/privacy';
import type { Account, NewFactor } from '@/lib/store/factors';
import { createLazyFactorStore, type LazyFactorStore } from '@/lib/store/sql/factor-store';
import { newNumber } from './numbers';
import { describeWithPostgres, TestPostgres } from './postgres';

export const PRIVACY = createPrivacy([makePrivacyKey()]);
/** When everything in these tests happens. */
export const AT = 1_790_000_000_000;

/** A new account, of a new number unless a test says otherwise. */
export const newAccount = (more: Partial<Account> = {}): Account => ({
  id: randomUUID(),
  phoneNumber: newNumber(),
  userHandle: randomBytes(32).toString('base64url'),
  phoneVerifiedAt: AT,
  createdAt: AT,
  lastUsedAt: AT,
  sessionsSince: AT,
  resetAt: undefined,
  ...more,
});

type New<Type extends NewFactor['type']> = Extract<NewFactor, { type: Type }>;

const common = () => ({ id: randomUUID(), name: 'Laptop', createdAt: AT });

export const newPasskey = (more: Partial<New<'passkey'>> = {}): New<'passkey'> => ({
  ...common(),
  type: 'passkey',
  isSynced: true,
  credentialId: randomBytes(32).toString('base64url'),
  publicKey: randomBytes(77).toString('base64url'),
  counter: 0,
  transports: ['internal', 'hybrid'],
  ...more,
});

export const newTotp = (more: Partial<New<'totp'>> = {}): New<'totp'> => ({
  ...common(),
  type: 'totp',
  isSynced: false,
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  lastStep: 100,
  ...more,
});

type Settings = Parameters<typeof createLazyFactorStore>[0];

/** A database of its own for the tests of one block. */
export interface FactorDatabase {
  readonly settings: Settings;
  /** One more connection to it, like that of one more server. It is closed after the tests. */
  open(privacy?: Privacy): LazyFactorStore;
  /** All that is stored, as text. */
  content(): string;
}

function useConnections() {
  const stores: LazyFactorStore[] = [];
  afterAll(() => Promise.all(stores.map((store) => store.close())));
  return (settings: Settings, privacy: Privacy) => {
    const store = createLazyFactorStore(settings, privacy);
    stores.push(store);
    return store;
  };
}

/** An embedded database in a folder of its own, which does not exist yet. */
export function useEmbedded(): FactorDatabase {
  const parent = mkdtempSync(path.join(tmpdir(), 'factors-'));
  const dataDir = path.join(parent, 'data');
  const settings = { databaseUrl: undefined, dataDir };
  afterAll(() => rmSync(parent, { recursive: true }));
  const open = useConnections();
  return {
    settings,
    open: (privacy = PRIVACY) => open(settings, privacy),
    content: () =>
      readdirSync(dataDir)
        .map((file) => readFileSync(path.join(dataDir, file), 'latin1'))
        .join('\n'),
  };
}

let databases = 0;

/** An empty database on a server that runs for the tests of this file. */
export function usePostgres(server: () => TestPostgres): FactorDatabase {
  databases += 1;
  const name = `factors_${databases}`;
  const settings = () => ({ databaseUrl: server().url(name), dataDir: undefined });
  beforeAll(() => server().createDatabase(name));
  const open = useConnections();
  return {
    get settings() {
      return settings();
    },
    open: (privacy = PRIVACY) => open(settings(), privacy),
    content: () => server().dump(server().url(name)),
  };
}

/** Runs the same tests on each kind of database. */
export function describeDatabases(title: string, tests: (database: FactorDatabase) => void): void {
  describe(`${title}, in the embedded database`, () => tests(useEmbedded()));
  describeWithPostgres(`${title}, in PostgreSQL`, () => {
    let server: TestPostgres;
    beforeAll(async () => {
      server = await TestPostgres.start();
    });
    afterAll(() => server.remove());
    tests(usePostgres(() => server));
  });
}
