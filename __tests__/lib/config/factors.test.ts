import { testEnvironment } from '@/__tests__/support/app';
import { ConfigError, loadConfig } from '@/lib/config/config';

const BASE = testEnvironment('https://abc12.api.infobip.com');
const load = (more: Record<string, string>) => loadConfig({ ...BASE, ...more } as unknown as NodeJS.ProcessEnv).factors;

function faultsOf(more: Record<string, string>): readonly string[] {
  try {
    load(more);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

const DATA_DIR = '/var/lib/phone-verification';
const DATABASE_URL = 'postgres://app:secret@db.example.com:5432/verification?sslmode=verify-full';

test.each([
  ['a directory', { DATA_DIR }],
  ['a PostgreSQL', { DATABASE_URL }],
])('%s for the database switches other factors on', (_, place) => {
  expect(load(place)).toMatchObject({ phoneReverifyDays: 45, rpId: 'localhost', origins: ['http://localhost:3000'] });
  expect(load({ ...place, FACTORS: 'off' })).toBeUndefined();
});

test('without a place for a database, other factors are off, and cannot be on', () => {
  expect(load({})).toBeUndefined();
  expect(faultsOf({ FACTORS: 'on' })).toEqual([expect.stringMatching(/^DATA_DIR is missing/)]);
});

test('other factors need a privacy key that outlives the process', () => {
  expect(faultsOf({ DATA_DIR, PRIVACY_KEY: '' })).toEqual([expect.stringMatching(/^PRIVACY_KEY is missing/)]);
  expect(faultsOf({ FACTORS: 'off', DATA_DIR, PRIVACY_KEY: '' })).toEqual([]);
});

test("passkeys belong to the first origin's host, or to a configured parent domain of all origins", () => {
  const APP_ORIGIN = 'https://verify.example.com,https://login.example.com';
  const origins = APP_ORIGIN.split(',');
  expect(load({ DATA_DIR, APP_ORIGIN: 'https://verify.example.com' })).toMatchObject({ rpId: 'verify.example.com' });
  expect(load({ DATA_DIR, APP_ORIGIN })).toMatchObject({ rpId: 'verify.example.com', origins });
  expect(load({ DATA_DIR, APP_ORIGIN, WEBAUTHN_RP_ID: 'example.com' })).toMatchObject({ rpId: 'example.com', origins });
});

test.each(['login.example.com', 'example.org', 'ample.com'])('passkeys of %s are refused, as in browsers', (id) => {
  expect(faultsOf({ DATA_DIR, APP_ORIGIN: 'https://verify.example.com', WEBAUTHN_RP_ID: id })).toEqual([
    expect.stringMatching(/^WEBAUTHN_RP_ID must be the host of every origin/),
  ]);
});

test.each(['https://example.com', 'example.com:443', 'Example.com', '127.0.0.1', 'example', ''])(
  'the host %j is not one that passkeys can belong to, or counts as unset',
  (id) => {
    const faults = faultsOf({ DATA_DIR, WEBAUTHN_RP_ID: id });
    expect(faults).toEqual(id === '' ? [] : [expect.stringMatching(/^WEBAUTHN_RP_ID must be a host name/)]);
  },
);

test.each([
  'postgres://app@db.example.com/verification',
  'postgres://app@/verification',
  'postgres://127.0.0.1',
  'mysql://127.0.0.1/verification',
  'not an address',
])('the database %j is refused', (url) => {
  expect(faultsOf({ DATABASE_URL: url })).toEqual([expect.stringMatching(/^DATABASE_URL must be like postgres:/)]);
});

test('a database on this machine needs no TLS', () => {
  expect(load({ DATABASE_URL: 'postgresql://app@127.0.0.1:5432/verification' })).toMatchObject({ dataDir: undefined });
});
