import { gzipSync } from 'node:zlib';
import { bytesOf, documentedRequest, outcomeOf, RawConnection } from '@/__tests__/support/raw-http';
import { useApp } from '@/__tests__/support/use-app';

const { app, simulator } = useApp({}, { resetEach: false });

const NUMBER = '+14155552671';
const HANDLE = 'A'.repeat(43);
/** For each route, fields that pass every check of the body, and the outcome of the request. */
const ROUTES = [
  ['/api/send-otp', `"phoneNumber":"${NUMBER}"`, [200, undefined]],
  ['/api/resend-otp', `"pinId":"${HANDLE}"`, [404, 'PIN_NOT_FOUND']],
  ['/api/verify-otp', `"pinId":"${HANDLE}","pin":"123456"`, [404, 'PIN_NOT_FOUND']],
] as const;

const post = (path: string, body: string | Buffer, headers: readonly string[] = ['Content-Type: application/json']) =>
  documentedRequest(app, { method: 'POST', target: path, headers, body });

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

const NOT_JSON: [string, (fields: string) => string | Buffer][] = [
  ['spaces', () => '    '],
  ['an object that does not end', (fields) => `{${fields}`],
  ['an object that ends twice', (fields) => `{${fields}}}`],
  ['two objects', (fields) => `{${fields}}{${fields}}`],
  ['JSON lines', (fields) => `{${fields}}\n{${fields}}`],
  ['a comma too many', (fields) => `{${fields},}`],
  ['a comment', (fields) => `{${fields}/**/}`],
  ['a field without quotes', () => `{pin:"123456"}`],
  ['single quotes', () => `{'pin':'123456'}`],
  ['NaN', () => '{"pin":NaN}'],
  ['undefined', () => 'undefined'],
  ['a number in hex', () => '{"pin":0x1E240}'],
  ['a number with a plus', () => '{"pin":+123456}'],
  ['a number with a leading zero', () => '{"pin":0123456}'],
  ['a line break in a text', () => '{"pin":"123\n456"}'],
  ['a NUL in a text', () => '{"pin":"123\u0000456"}'],
  ['a NUL at the end', (fields) => `{${fields}}\u0000`],
  ['a broken escape', () => '{"pin":"\\x31"}'],
  ['half an escape', () => '{"pin":"\\u12"}'],
  ['a prefix against inclusion as script', (fields) => `)]}',\n{${fields}}`],
  ['a non-breaking space around', (fields) => `\u00a0{${fields}}`],
  ['two byte order marks', (fields) => `\ufeff\ufeff{${fields}}`],
  ['UTF-16', (fields) => utf16(`{${fields}}`)],
  ['UTF-16, the other way round', (fields) => utf16(`{${fields}}`).swap16()],
  ['UTF-32', (fields) => Buffer.from([...`{${fields}}`].flatMap((sign) => [sign.charCodeAt(0), 0, 0, 0]))],
  ['a byte that UTF-8 never has', (fields) => Buffer.concat([Buffer.from(`{${fields}}`), Buffer.from([0xff])])],
  ['an overlong slash', () => Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
  ['a surrogate in UTF-8', () => Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ['half a character', () => Buffer.from([0x22, 0xe2, 0x82, 0x22])],
  ['gzip that does not say so', (fields) => gzipSync(`{${fields}}`)],
  ['a form', () => 'phoneNumber=%2B14155552671&pin=123456'],
  ['XML', () => '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
  ['multipart', () => '--x\r\nContent-Disposition: form-data; name="pin"\r\n\r\n123456\r\n--x--\r\n'],
  ['brackets without an end', () => '['.repeat(4000)],
  ['objects without an end', () => '{"a":'.repeat(800)],
];

const NO_OBJECT: [string, string][] = [
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '-0'],
  ['a number beyond all bounds', '1e999'],
  ['a text', '"{}"'],
  ['an empty list', '[]'],
  ['a list with an object', `[{"phoneNumber":"${NUMBER}","pin":"123456"}]`],
  ['a deep list', '['.repeat(2000) + ']'.repeat(2000)],
  ['a deep object', `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`],
];

const UNKNOWN_FIELDS: string[] = [
  '__proto__',
  '\\u005f_proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'toJSON',
  'then',
  '',
  ' pin',
  'PIN',
  'pinid',
  'phonenumber',
  'verified',
  'to',
  'from',
  'applicationId',
  'messageId',
  'infobipPinId',
  'verificationId',
  'ncNeeded',
  '$where',
  '\\u0000',
  'pin\\u0000',
  'a\\nb',
  '\\ud800',
  '<script>',
  'x'.repeat(3000),
];

const FIELDS: [string, string, string][] = [
  ['/api/send-otp', 'phoneNumber', ''],
  ['/api/send-otp', 'country', `"phoneNumber":"${NUMBER}",`],
  ['/api/send-otp', 'channel', `"phoneNumber":"${NUMBER}",`],
  ['/api/resend-otp', 'channel', `"pinId":"${HANDLE}",`],
  ['/api/resend-otp', 'pinId', ''],
  ['/api/verify-otp', 'pin', `"pinId":"${HANDLE}",`],
  ['/api/verify-otp', 'pinId', '"pin":"123456",'],
];
const WRONG_TYPES = [
  'null',
  'true',
  '0',
  '123456',
  '1e400',
  '[]',
  `["${NUMBER}"]`,
  '[["sms"]]',
  '{}',
  '{"$ne":""}',
  '{"length":6,"toString":"sms"}',
  '{"__proto__":{"length":6}}',
];

const WRONG_VALUES: [string, string, string[]][] = [
  [
    '/api/send-otp',
    'country',
    ['', 'U', 'USA', 'XX', '001', 'us ', 'us\\u0000', '__proto__', 'constructor', '🇺🇸', '1', '+1'],
  ],
  // Uppercasing turns each of these into two letters: Finland, the United States, Italy.
  ['/api/send-otp', 'country', ['ﬁ', 'uſ', 'ıt']],
  ['/api/send-otp', 'channel', ['', 'SMS', 'sms ', 'email', 'toString', '__proto__', 'sms\\u0000', 'ｓｍｓ']],
  ['/api/resend-otp', 'channel', ['', 'VOICE', 'flashcall', 'constructor']],
  ['/api/verify-otp', 'pinId', ['', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}/`]],
  [
    '/api/verify-otp',
    'pinId',
    [` ${HANDLE}`, `${HANDLE}\\n`, `${'A'.repeat(42)}\\u0410`, `../${'A'.repeat(40)}`, '%41'.repeat(43)],
  ],
];

describe.each(ROUTES)('%s', (path, fields) => {
  afterAll(async () => expect(await simulator.calls()).toEqual([]));

  test.each(NOT_JSON)('does not accept %s as JSON', async (_name, make) => {
    const reply = await post(path, make(fields));
    expect(outcomeOf(reply)).toEqual([400, 'INVALID_REQUEST']);
    expect(reply.body.message).toBe('The request body is not valid JSON.');
  });

  test.each(NO_OBJECT)('refuses %s as a body', async (_name, body) => {
    expect(outcomeOf(await post(path, body))).toEqual([400, 'INVALID_REQUEST']);
  });

  test.each(UNKNOWN_FIELDS)(
    'refuses the field "%.20s", and repeats its name only if it is a plain word',
    async (name) => {
      for (const value of ['1', '{"verified":true}', 'null']) {
        const reply = await post(path, `{${fields},"${name}":${value}}`);
        expect(outcomeOf(reply)).toEqual([400, 'INVALID_REQUEST']);
        expect(reply.body.message).toMatch(/^(The field \w{1,40} is unknown\.|The body has an unknown field\.)$/);
      }
    },
  );

  test.each([
    ['4097 bytes', 4097, []],
    ['100 kB', 100_000, []],
    ['4097 bytes in chunks', 4097, ['Transfer-Encoding: chunked']],
  ])('refuses %s', async (_name, size, headers) => {
    const body = `{${fields}}`.padEnd(size);
    const sent = headers.length > 0 ? `${size.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
    expect(outcomeOf(await post(path, sent, ['Content-Type: application/json', ...headers]))).toEqual([
      413,
      'BODY_TOO_LARGE',
    ]);
  });

  test('counts bytes, not characters', async () => {
    expect(outcomeOf(await post(path, `{"pin":"${'€'.repeat(1500)}"}`))).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test.each([
    [],
    ['Content-Type: text/plain'],
    ['Content-Type: text/json'],
    ['Content-Type: application/x-www-form-urlencoded'],
    ['Content-Type: multipart/form-data; boundary=application/json'],
    ['Content-Type: application/json, text/plain'],
    ['Content-Type: text/plain; application/json'],
    ['Content-Type: application/json-patch+json'],
    ['Content-Type: application/vnd.api+json'],
    ['Content-Type: "application/json"'],
    ['Content-Type: */*'],
    ['Content-Type: text/plain', 'Content-Type: application/json'],
    ['Content-Type: application/json', 'Content-Encoding: gzip'],
    ['Content-Type: application/json', 'Content-Encoding: br'],
    ['Content-Type: application/json', 'Content-Encoding: identity'],
    ['Content-Type: application/json', 'Content-Encoding:'],
  ])('refuses a body with the headers %p %p', async (...headers) => {
    const lines = headers.filter((line) => typeof line === 'string');
    expect(outcomeOf(await post(path, `{${fields}}`, lines))).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
});

describe('fields', () => {
  afterAll(async () => expect(await simulator.calls()).toEqual([]));

  const wrongTypes = FIELDS.flatMap(([path, field, rest]) =>
    WRONG_TYPES.map((value) => [path, field, value, rest] as const),
  );
  test.each(wrongTypes)('%s refuses "%s": %s', async (path, field, value, rest) => {
    const reply = await post(path, `{${rest}"${field}":${value}}`);
    expect(outcomeOf(reply)).toEqual([400, 'INVALID_REQUEST']);
    expect(reply.body.message).toContain(`The field ${field} `);
  });

  const wrongValues = WRONG_VALUES.flatMap(([path, field, values]) =>
    values.map((value) => [path, field, value] as const),
  );
  test.each(wrongValues)('%s refuses "%s": "%s"', async (path, field, value) => {
    const rest = FIELDS.find((row) => row[0] === path && row[1] === field)?.[2] ?? '';
    const reply = await post(path, `{${rest}"${field}":"${value}"}`);
    expect(outcomeOf(reply)).toEqual([400, 'INVALID_REQUEST']);
    expect(reply.body.message).toContain(`The field ${field} `);
  });

  test.each([
    ['/api/send-otp', 'phoneNumber', 'INVALID_PHONE_NUMBER', '\\ud800'],
    ['/api/send-otp', 'phoneNumber', 'INVALID_PHONE_NUMBER', `${NUMBER}\\udc00`],
    ['/api/verify-otp', 'pin', 'INVALID_PIN_FORMAT', '12345\\ud83d'],
    ['/api/verify-otp', 'pin', 'INVALID_PIN_FORMAT', '9'.repeat(4000)],
    ['/api/send-otp', 'phoneNumber', 'INVALID_PHONE_NUMBER', '+1'.repeat(2000)],
    ['/api/send-otp', 'phoneNumber', 'INVALID_PHONE_NUMBER', '('.repeat(4000)],
  ])('%s refuses "%s" by %s: "%.20s"', async (path, field, code, value) => {
    expect(outcomeOf(await post(path, `{"${field}":"${value}"}`))).toEqual([400, code]);
  });

  test('none of these bodies pollutes the prototype of objects', async () => {
    for (const [path] of ROUTES) {
      await post(path, '{"__proto__":{"phoneNumber":"+14155552671","pin":"123456","verified":true,"status":200}}');
      await post(path, '{"constructor":{"prototype":{"phoneNumber":"+14155552671","pin":"123456","verified":true}}}');
    }
    expect((await post('/api/send-otp', '{}')).body.message).toBe(
      'The field phoneNumber is required and must be text.',
    );
    expect((await post('/api/verify-otp', '{}')).body).toEqual({
      verified: false,
      code: 'INVALID_REQUEST',
      message: 'The field pin is required and must be text.',
    });
    expect(outcomeOf(await app.request('/api/session', { method: 'GET' }))).toEqual([401, 'NO_SESSION']);
  });
});

describe('odd, but valid', () => {
  beforeEach(() => simulator.reset());

  const SPELLINGS: [string, (fields: string) => string][] = [
    ['a byte order mark', (fields) => `\ufeff{${fields}}`],
    ['white space around', (fields) => `\r\n\t {${fields}} \r\n`],
    ['exactly 4096 bytes', (fields) => `{${fields}}`.padEnd(4096)],
    ['escapes for letters', (fields) => `{${fields.replace(/^"p/, '"\\u0070')}}`],
    ['a field twice, of which the last counts', (fields) => `{${fields.replace(/:.*/, ':1')},${fields}}`],
  ];
  const cases = ROUTES.flatMap(([path, fields, outcome]) =>
    SPELLINGS.map(([name, spell]) => [path, name, spell(fields), outcome] as const),
  );
  test.each(cases)('%s takes %s', async (path, _name, body, outcome) => {
    expect(outcomeOf(await post(path, body))).toEqual(outcome);
    expect(await simulator.calls()).toHaveLength(path === '/api/send-otp' ? 1 : 0);
  });

  test.each(['application/json;charset=utf-16', 'APPLICATION/JSON', 'application/json ; a="b;c"', 'application/json;'])(
    'the media type %p is JSON in UTF-8',
    async (type) => {
      expect(outcomeOf(await post('/api/send-otp', `{"phoneNumber":"${NUMBER}"}`, [`Content-Type: ${type}`]))[0]).toBe(
        200,
      );
      expect((await simulator.messages()).map(({ to }) => to)).toEqual(['14155552671']);
    },
  );

  test('a body in chunks of one byte each arrives complete', async () => {
    const chunks = [...`{"phoneNumber":"${NUMBER}"}`].map((sign) => `1\r\n${sign}\r\n`).join('');
    const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
    expect(outcomeOf(await post('/api/send-otp', `${chunks}0\r\n\r\n`, headers))[0]).toBe(200);
  });

  test('if a number occurs twice, the last one counts, and one message goes out', async () => {
    await post('/api/send-otp', `{"phoneNumber":"+14155550199","phoneNumber":"${NUMBER}"}`);
    expect((await simulator.calls()).map(({ body }) => body.to)).toEqual(['14155552671']);
  });
});

test('a huge body is refused before the client sends it', async () => {
  const connection = await RawConnection.open(app);
  const headers = ['Content-Type: application/json', 'Content-Length: 1000000000'];
  const reply = await connection.write(bytesOf(app, { method: 'POST', target: '/api/send-otp', headers })).reply();
  expect([...outcomeOf(reply), reply?.headers.get('connection')]).toEqual([413, 'BODY_TOO_LARGE', 'close']);
  await connection.closed();
});
