import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makePrivacyKey } from '@/lib/config/keys';
import { createPrivacy, type Privacy } from '@/lib/privacy';
import { createLazyFactorStore, type LazyFactorStore } from '@/lib/store/sql/factor-store';
import { describeWithPostgres, TestPostgres } from './postgres';

export const PRIVACY = createPrivacy([makePrivacyKey()]);

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
