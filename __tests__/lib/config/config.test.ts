import { testEnvironment } from '@/__tests__/support/app';
import { ConfigError, loadConfig } from '@/lib/config/config';
import { PRICE_UNITS } from '@/lib/config/environment-values';
import { makePrivacyKey, makeProofKey } from '@/lib/config/keys';

const BASE = testEnvironment('https://abc12.api.infobip.com');
const load = (more: Record<string, string> = {}) => loadConfig({ ...BASE, ...more } as unknown as NodeJS.ProcessEnv);

/** The same template for every language. */
const everywhere = (id: string | undefined) => ({ en: id, de: id, es: id, fr: id, ar: id, hr: id });

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment as unknown as NodeJS.ProcessEnv);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
  }
  throw new Error('The configuration was accepted');
}

test('the four required variables are enough, and the others have their documented defaults', () => {
  const { PRIVACY_KEY: _, PROOF_PRIVATE_JWK: __, ...four } = BASE;
  expect(loadConfig(four as unknown as NodeJS.ProcessEnv)).toEqual({
    infobip: {
      baseUrl: 'https://abc12.api.infobip.com',
      apiKey: BASE.INFOBIP_API_KEY,
      appId: BASE.INFOBIP_2FA_APP_ID,
      messageIds: { sms: everywhere(BASE.INFOBIP_2FA_MESSAGE_ID), voice: everywhere(BASE.INFOBIP_2FA_MESSAGE_ID) },
      senderId: undefined,
      senderIds: {},
      placeholders: undefined,
      numberLookup: false,
      timeoutMs: 30_000,
    },
    pin: { length: 6, ttlSeconds: 300, maxAttempts: 5 },
    cooldownSeconds: [30, 60, 120, 240],
    limits: [
      expect.objectContaining({ name: 'LIMIT_SEND_PER_ADDRESS', points: 200, windowMs: 3_600_000 }),
      expect.objectContaining({ name: 'LIMIT_SEND_PER_NETWORK', points: 2000, windowMs: 3_600_000 }),
      expect.objectContaining({ name: 'LIMIT_SEND_PER_NUMBER', points: 5, windowMs: 86_400_000 }),
      expect.objectContaining({ name: 'LIMIT_SEND_PER_NUMBER_AND_NETWORK', points: 3, windowMs: 86_400_000 }),
      expect.objectContaining({ name: 'LIMIT_VOICE_PER_NUMBER', points: 2, windowMs: 86_400_000 }),
      expect.objectContaining({ name: 'LIMIT_SEND_GLOBAL', points: 1000, windowMs: 60_000 }),
      expect.objectContaining({ name: 'LIMIT_SEND_GLOBAL_PER_DAY', points: 10_000, windowMs: 86_400_000 }),
      expect.objectContaining({ name: 'LIMIT_SEND_PER_RANGE', points: 25, windowMs: 86_400_000 }),
      expect.objectContaining({ name: 'LIMIT_SEND_PER_BLOCK', points: 1500, windowMs: 86_400_000 }),
      expect.objectContaining({ name: 'LIMIT_WAITS_PER_COUNTRY', points: 10, windowMs: 86_400_000 }),
      expect.objectContaining({ name: 'LIMIT_VERIFY_PER_ADDRESS', points: 60, windowMs: 3_600_000 }),
      expect.objectContaining({ name: 'LIMIT_VERIFY_PER_NETWORK', points: 600, windowMs: 3_600_000 }),
      expect.objectContaining({ name: 'LIMIT_FACTORS_PER_ADDRESS', points: 300, windowMs: 3_600_000 }),
      expect.objectContaining({ name: 'LIMIT_FACTORS_PER_NETWORK', points: 3000, windowMs: 3_600_000 }),
      expect.objectContaining({ name: 'LIMIT_GUESSES_PER_NUMBER_AND_NETWORK', points: 10, windowMs: 86_400_000 }),
      expect.objectContaining({ name: 'LIMIT_REQUESTS_PER_ADDRESS', points: 600, windowMs: 60_000 }),
    ],
    allowedCountries: undefined,
    blockedCountries: [],
    blockedNumbersFile: undefined,
    voiceCountries: undefined,
    guard: {
      mode: 'enforce',
      homeCountry: undefined,
      credit: {
        CREDIT_PER_RANGE: '5,0.2,0.35',
        CREDIT_PER_HOME_RANGE: '20,1,0.35',
        CREDIT_PER_BLOCK: '25,3,0.35',
        CREDIT_PER_COUNTRY: '30,1.5,0.35',
        CREDIT_PER_MAIN_COUNTRY: '150,7.5,0.5',
        CREDIT_PER_HOME_COUNTRY: '1000,50,0.56',
        CREDIT_PER_ADDRESS: '10,1,0.35',
        CREDIT_PER_SITE: '20,5.8,0.35',
        CREDIT_PER_NETWORK: '40,11.6,0.35',
      },
    },
    budget: { perHour: 20 * PRICE_UNITS, perDay: 50 * PRICE_UNITS },
    prices: {},
    redisUrl: undefined,
    redisTimeoutMs: 250,
    isRedisCluster: false,
    privacyKeys: [],
    proof: { keys: [], issuer: 'http://localhost:3000', audience: 'http://localhost:3000' },
    openid: { clients: [], subjectKey: undefined, issuer: 'http://localhost:3000' },
    factors: undefined,
    apiClients: [],
    apiAccess: 'open',
    appOrigins: [],
    trustedProxyHops: 0,
    trustedProxies: [],
    isBehindProxy: false,
    metricsToken: undefined,
    logLevel: 'info',
    port: 3000,
    brand: { name: undefined, logo: undefined, colors: undefined },
    continueUrl: undefined,
    redirectOrigins: [],
    demoInboxUrl: undefined,
  });
});

test('the configuration cannot be changed after it is read', () => {
  const config = load();
  expect(Object.isFrozen(config.infobip.messageIds) && Object.isFrozen(config.cooldownSeconds)).toBe(true);
});

test.each(['/welcome?from=phone', 'https://example.com/account#phone', 'http://localhost:4000/'])(
  'people may go on to %s after a success',
  (address) => {
    expect(load({ CONTINUE_URL: address }).continueUrl).toBe(address);
  },
);

test('a success may lead to the origins that the environment names', () => {
  const named = { APP_ORIGIN: 'https://a.example', CONTINUE_URL: 'https://b.example/account' };
  const origins = load({ ...named, REDIRECT_ORIGINS: 'https://c.example,https://a.example' }).redirectOrigins;
  expect(origins).toEqual(['https://a.example', 'https://c.example', 'https://b.example']);
  expect(load({ CONTINUE_URL: '/welcome' }).redirectOrigins).toEqual([]);
  expect(faultsOf({ ...BASE, REDIRECT_ORIGINS: 'https://c.example/path' })).toEqual([
    expect.stringMatching(/^REDIRECT_ORIGINS must be an https origin/),
  ]);
});

test.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'welcome',
  'http://example.com/',
  'javascript:alert(1)',
  'https://user:secret@example.com/',
])('people do not go on to %j', (address) => {
  expect(faultsOf({ ...BASE, CONTINUE_URL: address })).toEqual([expect.stringMatching(/^CONTINUE_URL must be a path/)]);
});

describe('webhooks', () => {
  const secretOf = (bytes: number, fill = 1) => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`;
  const URL_RULE = /^WEBHOOK_URL must be an https URL/;
  const SECRET_RULE = /^WEBHOOK_SECRET must be whsec_/;

  test.each(['https://example.com/webhooks?tenant=1', 'http://localhost:5001/x', 'http://[::1]:5001/'])(
    'go to %s',
    (url) => {
      const WEBHOOK_SECRET = `${secretOf(24)}, ${secretOf(64)}`;
      expect(load({ WEBHOOK_URL: url, WEBHOOK_SECRET }).webhook).toEqual({
        url,
        secrets: [secretOf(24), secretOf(64)],
      });
    },
  );

  test.each([
    'http://example.com/',
    'https://user@example.com/',
    'https://user:secret@example.com/',
    'https://example.com/#x',
    'ftp://example.com/',
    'example.com/webhooks',
    'https://{{host}}/',
  ])('do not go to %j', (WEBHOOK_URL) => {
    expect(faultsOf({ ...BASE, WEBHOOK_URL, WEBHOOK_SECRET: secretOf(32) })).toEqual([expect.stringMatching(URL_RULE)]);
  });

  test.each([
    secretOf(23),
    secretOf(65),
    Buffer.alloc(32).toString('base64'),
    secretOf(32).replace('=', ''),
    `${secretOf(32)},${secretOf(32)}`,
    `${secretOf(32)},`,
  ])('are not signed with %j', (WEBHOOK_SECRET) => {
    const faults = faultsOf({ ...BASE, WEBHOOK_URL: 'https://example.com/', WEBHOOK_SECRET });
    expect(faults).toEqual([expect.stringMatching(SECRET_RULE)]);
  });

  test('need both of their variables, and none of them is fine', () => {
    expect(faultsOf({ ...BASE, WEBHOOK_URL: 'https://example.com/' })).toEqual([
      expect.stringMatching(/^WEBHOOK_SECRET/),
    ]);
    expect(faultsOf({ ...BASE, WEBHOOK_SECRET: secretOf(32) })).toEqual([expect.stringMatching(/^WEBHOOK_URL/)]);
    expect(load({}).webhook).toBeUndefined();
  });
});

test('all faults are reported at once, each with its variable', () => {
  const faults = faultsOf({
    INFOBIP_BASE_URL: 'http://infobip.example',
    INFOBIP_2FA_APP_ID: 'your_app_id',
    INFOBIP_2FA_MESSAGE_ID: '../x',
    PIN_LENGTH: '3',
    PIN_TTL_SECONDS: '601',
    MAX_PIN_ATTEMPTS: '1.5',
    RESEND_COOLDOWN_SECONDS: '30;60',
    INFOBIP_PLACEHOLDERS: '{"pin":"1"}',
    INFOBIP_NUMBER_LOOKUP: 'yes',
    APP_ORIGIN: 'https://a.example/path',
    TRUSTED_PROXY_HOPS: '-1',
    TRUSTED_PROXIES: '10.0.0.0/33',
    LOG_LEVEL: 'loud',
    DEMO_INBOX_URL: 'http://demo.example/inbox',
  });
  expect(faults.map((fault) => fault.split(' ')[0]).sort()).toEqual([
    'APP_ORIGIN',
    'DEMO_INBOX_URL',
    'INFOBIP_2FA_APP_ID',
    'INFOBIP_2FA_MESSAGE_ID',
    'INFOBIP_API_KEY',
    'INFOBIP_BASE_URL',
    'INFOBIP_NUMBER_LOOKUP',
    'INFOBIP_PLACEHOLDERS',
    'LOG_LEVEL',
    'MAX_PIN_ATTEMPTS',
    'PIN_LENGTH',
    'PIN_TTL_SECONDS',
    'RESEND_COOLDOWN_SECONDS',
    'TRUSTED_PROXIES',
    'TRUSTED_PROXY_HOPS',
  ]);
});

test.each(['your_api_key', 'YOUR-KEY', '<key>', '   ', ''])('the placeholder %p counts as missing', (value) => {
  expect(faultsOf({ ...BASE, INFOBIP_API_KEY: value })).toHaveLength(1);
});

test.each(['https://your_base_url.api.infobip.com', 'https://xxxxx.api.infobip.com', 'xxxxx.api.infobip.com'])(
  'the placeholder %p is not a base URL',
  (value) => {
    expect(faultsOf({ ...BASE, INFOBIP_BASE_URL: value })[0]).toMatch(/^INFOBIP_BASE_URL /);
  },
);

test.each([
  ['abc12.api.infobip.com', 'https://abc12.api.infobip.com'],
  ['https://abc12.api.infobip.com/', 'https://abc12.api.infobip.com'],
  ['http://localhost:4010', 'http://localhost:4010'],
  ['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
  ['http://[::1]:4010', 'http://[::1]:4010'],
])('the base URL %p is read as %p', (value, expected) => {
  expect(load({ INFOBIP_BASE_URL: value }).infobip.baseUrl).toBe(expected);
});

test.each([
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'https://user:secret@abc12.api.infobip.com',
  'https://abc12.api.infobip.com/2fa',
  'https://abc12.api.infobip.com/?x=1',
  'ftp://abc12.api.infobip.com',
])('the base URL %p is refused and not repeated', (value) => {
  const faults = faultsOf({ ...BASE, INFOBIP_BASE_URL: value });
  expect(faults).toHaveLength(1);
  expect(faults[0]).not.toContain(value);
});

test.each([
  ['10.0.0.0/8', ['10.0.0.0/8']],
  [' 10.0.0.0/8 , 192.0.2.7,2001:db8::/32 ', ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32']],
  ['::1', ['::1/128']],
  ['10.1.2.3/8', ['10.1.2.3/8']],
])('the proxies %p are read when the server starts', (TRUSTED_PROXIES, expected) => {
  const { trustedProxies, isBehindProxy, trustedProxyHops } = load({ TRUSTED_PROXIES });
  expect(trustedProxies.map(([address, bits]) => `${address}/${bits}`)).toEqual(expected);
  expect([isBehindProxy, trustedProxyHops]).toEqual([true, 0]);
});

test.each([
  '10.0.0.0/33',
  '10.0.0/8',
  '10',
  '0x0a.0.0.1',
  '010.0.0.1',
  '10.0.0.0/-1',
  '10.0.0.0/8;192.0.2.7',
  '10.0.0.0/8,',
  ',',
  'proxy.example.com',
  'loopback',
  '2001:db8::/129',
  '[::1]',
  '::ffff:10.0.0.0/104',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/255.0.0.0',
  '*',
])('the proxies %p are refused', (TRUSTED_PROXIES) => {
  expect(faultsOf({ ...BASE, TRUSTED_PROXIES })).toEqual([expect.stringMatching(/^TRUSTED_PROXIES must be addresses/)]);
});

test('on Vercel one proxy is trusted by default', () => {
  const vercel = { VERCEL: '1', REDIS_URL: 'rediss://redis.example:6379' };
  expect(load(vercel).trustedProxyHops).toBe(1);
  expect(load({ ...vercel, TRUSTED_PROXY_HOPS: '0' }).trustedProxyHops).toBe(0);
});

test('on Vercel state must live in Redis, unless memory is allowed on purpose', () => {
  expect(faultsOf({ ...BASE, VERCEL: '1' })).toEqual([expect.stringMatching(/^REDIS_URL is missing/)]);
  expect(load({ VERCEL: '1', ALLOW_IN_MEMORY: 'true' }).redisUrl).toBeUndefined();
});

test.each(['5', '0/1d', '5/1', '5/1y', '1/500ms', '-1/1d', '5/2y', '5 / 1d'])('the limit %p is refused', (value) => {
  expect(faultsOf({ ...BASE, LIMIT_SEND_PER_NUMBER: value })).toEqual([
    expect.stringMatching(/^LIMIT_SEND_PER_NUMBER /),
  ]);
});

test.each([
  ['US:18335550100', { US: '18335550100' }],
  [' US:18335550100 , GB:Example Ltd', { US: '18335550100', GB: 'Example Ltd' }],
  ['CA:12345,DE:A&B', { CA: '12345', DE: 'A&B' }],
])('the senders %p are read by country', (INFOBIP_SENDER_IDS, expected) => {
  expect(load({ INFOBIP_SENDER_IDS }).infobip.senderIds).toEqual(expected);
});

test.each([
  'Example',
  'US',
  'US:',
  'XX:Example',
  'us:Example',
  'US:+18335550100',
  'US:1234567890123456',
  'GB:Ab',
  'GB:TwelveLetter',
  'GB:Exämple',
  'GB:Example,',
  'GB:Example,GB:Other',
  'GB:Example:1',
])('the senders %p are refused, with an example', (INFOBIP_SENDER_IDS) => {
  expect(faultsOf({ ...BASE, INFOBIP_SENDER_IDS })).toEqual([
    expect.stringMatching(/^INFOBIP_SENDER_IDS must be .*US:18335550100,GB:Example/),
  ]);
});

test('redis:// to another machine is refused, unless a variable allows it', () => {
  const exposed = { REDIS_URL: 'redis://redis:6379' };
  expect(faultsOf({ ...BASE, ...exposed })).toEqual([expect.stringMatching(/^REDIS_URL .*ALLOW_PLAIN_REDIS=true/)]);
  expect(load({ ...exposed, ALLOW_PLAIN_REDIS: 'true' }).redisUrl).toBe('redis://redis:6379');
});

test.each(['redis://127.0.0.1:6379', 'redis://localhost:6379/1', 'rediss://:secret@redis.example:6379'])(
  'the Redis URL %p is accepted',
  (value) => {
    expect(load({ REDIS_URL: value }).redisUrl).toBe(value);
  },
);

test.each([
  'http://127.0.0.1:6379',
  'redis',
  '127.0.0.1:6379',
  'redis://redis.example:6379',
  'redis://u:a%zz@127.0.0.1',
  'redis://127.0.0.1/x',
])('the Redis URL %p is refused', (value) => {
  expect(faultsOf({ ...BASE, REDIS_URL: value })).toEqual([expect.stringMatching(/^REDIS_URL must be/)]);
});

test('lists may contain spaces, and a cooldown may be zero', () => {
  expect(load({ APP_ORIGIN: 'https://a.example, https://b.example' }).appOrigins).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
  expect(load({ RESEND_COOLDOWN_SECONDS: '0' }).cooldownSeconds).toEqual([0]);
});

describe('the guard', () => {
  const limitsOf = (more: Record<string, string>) =>
    Object.fromEntries(load(more).limits.map(({ name, allowed }) => [name, allowed]));

  test.each(['record', 'off'])('leaves the fixed limits unchanged if it is set to %s', (FRAUD_GUARD) => {
    const limits = limitsOf({ FRAUD_GUARD });
    expect(limits).toMatchObject({ LIMIT_SEND_PER_ADDRESS: '20/1h', LIMIT_SEND_PER_NETWORK: '200/1h' });
    expect(Object.keys(limits)).not.toContain('LIMIT_SEND_PER_RANGE');
    expect(load({ FRAUD_GUARD }).guard.mode).toBe(FRAUD_GUARD);
  });

  test('raises those limits when enforced, unless the environment sets them', () => {
    expect(limitsOf({ FRAUD_GUARD: 'enforce', LIMIT_SEND_PER_ADDRESS: '20/1h' })).toMatchObject({
      LIMIT_SEND_PER_ADDRESS: '20/1h',
      LIMIT_SEND_PER_NETWORK: '2000/1h',
    });
  });

  test.each([
    [{}, undefined],
    [{ HOME_COUNTRY: 'US' }, ['US']],
    [{ HOME_COUNTRY: 'US', FRAUD_GUARD: 'record' }, undefined],
    [{ HOME_COUNTRY: 'US', VOICE_COUNTRIES: 'GB,DE' }, ['GB', 'DE']],
  ])('is set to %j, and calls then go to %j', (more, expected) => {
    expect(load(more).voiceCountries).toEqual(expected);
  });

  test.each([
    [{ HOME_COUNTRY: 'US', ALLOWED_COUNTRIES: 'GB, CA' }, /^HOME_COUNTRY is not in ALLOWED_COUNTRIES/],
    [{ HOME_COUNTRY: 'US', BLOCKED_COUNTRIES: 'CU, US' }, /^HOME_COUNTRY is in BLOCKED_COUNTRIES/],
    [{ HOME_COUNTRY: 'us' }, /^HOME_COUNTRY must be a two-letter country code in capitals/],
    [{ HOME_COUNTRY: 'US,GB' }, /^HOME_COUNTRY must be a two-letter country code/],
    [{ FRAUD_GUARD: 'on' }, /^FRAUD_GUARD must be enforce, record or off/],
    [{ BUDGET_PER_DAY: '50 USD' }, /^BUDGET_PER_DAY must be an amount/],
    [{ BUDGET_PER_HOUR: '-1' }, /^BUDGET_PER_HOUR must be an amount/],
    [{ BUDGET_PER_HOUR: '0' }, /^BUDGET_PER_HOUR must be an amount above 0/],
    [{ BUDGET_PER_DAY: '0.00' }, /^BUDGET_PER_DAY must be an amount above 0/],
    [{ PRICES: '{"US":{"sms":0.000001}}' }, /^PRICES must be/],
    [{ CREDIT_PER_RANGE: '6,0,0.35' }, /^CREDIT_PER_RANGE must be like 6,0.5,0.35/],
    [{ CREDIT_PER_ADDRESS: '10,2.9,1.5' }, /^CREDIT_PER_ADDRESS must be like/],
    [{ PRICES: '{"us":{"sms":0.01}}' }, /^PRICES must be a JSON object/],
    [{ PRICES: '{"US":{"sms":0}}' }, /^PRICES must be/],
    [{ PRICES: '{"US":{"fax":1}}' }, /^PRICES must be/],
    [{ PRICES: 'US=1' }, /^PRICES must be/],
  ])('is not configured by %j', (more, fault) => {
    expect(faultsOf({ ...BASE, ...more })).toEqual([expect.stringMatching(fault)]);
  });

  test("takes budgets in the currency of the prices, even if the hour's is above the day's", () => {
    const { budget } = load({ BUDGET_PER_HOUR: '100.5', BUDGET_PER_DAY: '12.00001' });
    expect(budget).toEqual({ perHour: 10_050_000, perDay: 1_200_001 });
  });

  test('takes prices by country and channel', () => {
    const prices = { US: { sms: 0.0083, voice: 0.014 }, GB: { voice: 0.02 } };
    expect(load({ PRICES: JSON.stringify(prices) }).prices).toEqual(prices);
  });
});

test.each(['ALLOWED_COUNTRIES', 'BLOCKED_COUNTRIES', 'VOICE_COUNTRIES'])(
  '%s accepts only countries that have phone numbers',
  (name) => {
    const { allowedCountries, blockedCountries, voiceCountries } = load({ [name]: 'US, GB,US' });
    const lists = [allowedCountries, blockedCountries, voiceCountries];
    expect(lists.filter((list) => list !== undefined && list.length > 0)).toEqual([['US', 'GB']]);
    for (const value of ['us', 'USA', 'US;GB', 'US,', 'XX']) {
      expect(faultsOf({ ...BASE, [name]: value })).toEqual([
        expect.stringMatching(`^${name} must list two-letter country codes`),
      ]);
    }
  },
);

test('a language without its own template uses the common one, and calls without one use that of text messages', () => {
  const INFOBIP_2FA_MESSAGE_ID_DE = 'SMS-DE';
  const INFOBIP_2FA_VOICE_MESSAGE_ID_FR = 'CALLS-FR';
  const sms = { ...everywhere(BASE.INFOBIP_2FA_MESSAGE_ID), de: 'SMS-DE' };
  expect(load({ INFOBIP_2FA_MESSAGE_ID_DE, INFOBIP_2FA_VOICE_MESSAGE_ID_FR }).infobip.messageIds).toEqual({
    sms,
    voice: { ...sms, fr: 'CALLS-FR' },
  });
  const calls = { INFOBIP_2FA_VOICE_MESSAGE_ID: 'CALLS', INFOBIP_2FA_VOICE_MESSAGE_ID_FR };
  expect(load({ INFOBIP_2FA_MESSAGE_ID_DE, ...calls }).infobip.messageIds).toEqual({
    sms,
    voice: { ...everywhere('CALLS'), fr: 'CALLS-FR' },
  });
});

test('a template in a language must be an id', () => {
  expect(faultsOf({ ...BASE, INFOBIP_2FA_VOICE_MESSAGE_ID_HR: '../x' })).toEqual([
    expect.stringMatching(/^INFOBIP_2FA_VOICE_MESSAGE_ID_HR has characters/),
  ]);
});

describe('programs with keys', () => {
  const secretHash = 'a'.repeat(64);
  const clients = (...rows: unknown[]) => ({ API_CLIENTS: JSON.stringify(rows) });

  test('have their limits, and their id as the default audience', () => {
    const shop = { id: 'shop', secretHash: 'A'.repeat(64), messagesPerDay: 10, budgetPerDay: 2.5 };
    expect(load(clients(shop)).apiClients).toEqual([
      {
        id: 'shop',
        secretHashes: ['a'.repeat(64)],
        audiences: ['shop'],
        messagesPerDay: 10,
        budgetPerDay: 250_000,
        manageFactors: false,
      },
    ]);
  });

  test('close the API to programs without one, unless the environment says otherwise', () => {
    const some = clients({ id: 'shop', secretHash });
    expect(load(some).apiAccess).toBe('keys');
    expect(load({ ...some, API_ACCESS: 'open' }).apiAccess).toBe('open');
    expect(load({ API_ACCESS: 'keys' }).apiAccess).toBe('keys');
    expect(load({ API_CLIENTS: '[]' }).apiAccess).toBe('open');
  });

  test.each([
    ['text that is not JSON', 'shop:secret', 'must be a JSON array of clients'],
    ['an object in place of a list', '{"id":"shop"}', 'must be a JSON array of clients'],
    ['a secret in place of its hash', [{ id: 'shop', secretHash: 'correct horse' }], '(entry 1, secretHash)'],
    ['no hash', [{ id: 'shop' }], '(entry 1, secretHash)'],
    ['a colon in the id', [{ id: 'a:b', secretHash }], '(entry 1, id)'],
    [
      'one id twice',
      [
        { id: 'shop', secretHash },
        { id: 'shop', secretHash },
      ],
      'has two clients with the same id',
    ],
    ['an unknown field', [{ id: 'shop', secretHash, secret: 'correct horse' }], 'has an unknown field (entry 1)'],
    ['no audience', [{ id: 'shop', secretHash, audiences: [] }], '(entry 1, audiences)'],
    ['a quota of nothing', [{ id: 'shop', secretHash, messagesPerDay: 0 }], '(entry 1, messagesPerDay)'],
    ['a word for yes', [{ id: 'shop', secretHash, manageFactors: 'yes' }], '(entry 1, manageFactors)'],
    ['half a message', [{ id: 'shop', secretHash, messagesPerDay: 1.5 }], '(entry 1, messagesPerDay)'],
    ['a budget as text', [{ id: 'shop', secretHash, budgetPerDay: '5' }], '(entry 1, budgetPerDay)'],
  ])('are refused with %s, and no value is repeated', (_, rows, fault) => {
    const text = typeof rows === 'string' ? rows : JSON.stringify(rows);
    const faults = faultsOf({ ...BASE, API_CLIENTS: text });
    expect(faults).toEqual([expect.stringContaining(fault)]);
    expect(faults[0]).not.toMatch(/correct horse|shop:secret/);
  });

  test('share no name with an application, whose ID tokens have the same issuer', () => {
    const application = {
      client_id: 'app',
      client_secret: 's'.repeat(32),
      client_name: 'App',
      redirect_uris: ['https://app.example/cb'],
    };
    const openid = { APP_ORIGIN: 'https://verify.example', OIDC_CLIENTS: JSON.stringify([application]) };
    const faultsWith = (row: object) => faultsOf({ ...BASE, ...openid, ...clients({ secretHash, ...row }) });
    expect(load({ ...openid, ...clients({ id: 'shop', secretHash }) }).apiClients).toHaveLength(1);
    expect(faultsWith({ id: 'app', audiences: ['x'] })).toEqual([expect.stringMatching(/also a client_id/)]);
    expect(faultsWith({ id: 'shop', audiences: ['x', 'app'] })).toEqual([expect.stringMatching(/ID token/)]);
  });
});

describe('keys', () => {
  const proofKey = makeProofKey();
  const other = makeProofKey();
  const { d: _, ...publicHalf } = proofKey;

  test('are required with Redis, because other instances need the same ones, and the server asks for both at once', () => {
    const { PRIVACY_KEY, PROOF_PRIVATE_JWK } = BASE;
    const withRedis = { ...BASE, REDIS_URL: 'redis://127.0.0.1:6379', PRIVACY_KEY: '', PROOF_PRIVATE_JWK: ' ' };
    expect(faultsOf(withRedis)).toEqual([
      expect.stringMatching(/^PRIVACY_KEY is missing.*npm run -s keys/),
      expect.stringMatching(/^PROOF_PRIVATE_JWK is missing.*npm run -s keys/),
    ]);
    expect(
      load({ ...withRedis, ...{ PRIVACY_KEY, PROOF_PRIVATE_JWK } } as Record<string, string>).redisUrl,
    ).toBeDefined();
  });

  test('keep their order when there are several', () => {
    const keys = [makePrivacyKey(), makePrivacyKey()];
    expect(load({ PRIVACY_KEY: keys.join(' , ') }).privacyKeys).toEqual(keys);
    expect(load({ PROOF_PRIVATE_JWK: JSON.stringify([other, proofKey]) }).proof.keys).toEqual([other, proofKey]);
    expect(load({ PROOF_PRIVATE_JWK: JSON.stringify(proofKey) }).proof.keys).toEqual([proofKey]);
    const noisy = { ...proofKey, ext: 'x', more: 1 };
    expect(load({ PROOF_PRIVATE_JWK: JSON.stringify(noisy) }).proof.keys).toEqual([proofKey]);
  });

  test.each([
    ['31 bytes', Buffer.alloc(31, 1).toString('base64')],
    ['words', 'a long sentence that is not base64, but is long enough to be'],
    ['the same twice', `${Buffer.alloc(32).toString('base64')},${Buffer.alloc(32).toString('base64url')}`],
    ['a stray comma', `${makePrivacyKey()},`],
  ])('are refused, and not repeated, if PRIVACY_KEY has a fault: %s', (_, value) => {
    const faults = faultsOf({ ...BASE, PRIVACY_KEY: value });
    expect(faults).toEqual([expect.stringMatching(/^PRIVACY_KEY must be base64/)]);
    expect(faults[0]).not.toContain(value);
  });

  test.each([
    ['not JSON', 'secret'],
    ['null', 'null'],
    ['an empty list', '[]'],
    ['the public half', JSON.stringify(publicHalf)],
    ['halves of different keys', JSON.stringify({ ...proofKey, d: other.d ?? '' })],
    ['of another curve', JSON.stringify({ ...proofKey, crv: 'P-384' })],
    ['of another kind', JSON.stringify({ kty: 'oct', k: 'AAAA' })],
    ['a list with a bad one', JSON.stringify([proofKey, publicHalf])],
    ['a list with the same twice', JSON.stringify([proofKey, proofKey])],
    ['a list with one kid for two', JSON.stringify([proofKey, other].map((key) => ({ ...key, kid: 'one' })))],
    ['for checking only', JSON.stringify({ ...proofKey, key_ops: ['verify'] })],
    ['for encryption', JSON.stringify({ ...proofKey, use: 'enc' })],
    ['for another algorithm', JSON.stringify({ ...proofKey, alg: 'ES384' })],
    [
      'a list with the same one twice, in another form',
      JSON.stringify([proofKey, { ...proofKey, kid: 'other', x: `${proofKey.x}=` }]),
    ],
    ['a list with one named like the other', JSON.stringify([proofKey, { ...other, kid: proofKey.kid }])],
    ['named by a number', JSON.stringify({ ...proofKey, kid: 5 })],
  ])('are refused, and not repeated, if PROOF_PRIVATE_JWK has a fault: %s', (_, value) => {
    const faults = faultsOf({ ...BASE, PROOF_PRIVATE_JWK: value });
    expect(faults).toEqual([expect.stringMatching(/^PROOF_PRIVATE_JWK must be a private EC key/)]);
    expect(faults[0]).not.toContain(proofKey.x ?? '');
  });
});

test.each(['https://{{pin}}.example.com', "https://a'b.example", 'https://a_b.example', 'https://a,b.example'])(
  'a host that is not a name is refused: %s',
  (APP_ORIGIN) => expect(() => load({ APP_ORIGIN })).toThrow(/APP_ORIGIN must be an https origin/),
);

test.each([
  ['https://Bücher.example', 'https://xn--bcher-kva.example'],
  ['https://[2001:DB8::1]:8443', 'https://[2001:db8::1]:8443'],
])('a host may have any spelling that URLs allow: %s', (APP_ORIGIN, origin) => {
  expect(load({ APP_ORIGIN }).appOrigins).toEqual([origin]);
});

test('the first origin issues proofs by default, for itself', () => {
  const origins = { APP_ORIGIN: 'https://a.example,https://b.example' };
  expect(load(origins).proof).toMatchObject({ issuer: 'https://a.example', audience: 'https://a.example' });
  const named = load({ ...origins, PROOF_ISSUER: 'https://i.example', PROOF_AUDIENCE: 'https://api.example' });
  expect(named.proof).toMatchObject({ issuer: 'https://i.example', audience: 'https://api.example' });
});
