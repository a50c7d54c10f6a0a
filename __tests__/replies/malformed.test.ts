import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type Reply, TestApp } from '@/__tests__/support/app';
import { newNumber } from '@/__tests__/support/numbers';
import { type Bytes, type Good, http, type Operation, RawUpstream } from '@/__tests__/support/raw-upstream';
import { useShared } from '@/__tests__/support/use-app';

const COOLDOWN_SECONDS = 30;
const PIN = '246813';
/** Appears in malformed replies, and must never appear in our own replies or the log. */
const MARK = 'Leak4711';
const LEAK = `X-Leak: ${MARK}`;

const upstream = useShared(
  () => RawUpstream.start(),
  (started) => started.close(),
);

function useAppWithCleanLog(cooldownSeconds: number): TestApp {
  const start = () => TestApp.start(upstream.url, { RESEND_COOLDOWN_SECONDS: String(cooldownSeconds) });
  return useShared(start, async (app) => {
    app.keepOutOfLogs(MARK, 'evil', 'serviceException', ...upstream.pinIds);
    await app.stop();
  });
}

/** With this app, a message puts its number on hold, so that tests can see whether one may have left. */
const strict = useAppWithCleanLog(COOLDOWN_SECONDS);
/** With this app, a resend may follow a send at once. */
const relaxed = useAppWithCleanLog(0);

function expectNothingOfUpstream(reply: Reply): void {
  const headers = [...reply.headers].map((header) => header.join(': ')).join('\n');
  const body = JSON.stringify(reply.body);
  expect(headers + body).not.toMatch(/Leak4711|evil|x-leak|^location|^access-control|\nserver/im);
  expect(upstream.pinIds.filter((pinId) => body.includes(pinId))).toEqual([]);
}

/** What a reply leads to: success, or an error with the number on hold or free. */
type Outcome = 'good' | 'held' | 'free';

const lines = (...parts: string[]) => parts.join('\r\n');
const chunked = (body: string) =>
  lines('HTTP/1.1 200 OK', LEAK, 'Transfer-Encoding: chunked', '', body.replace(/\n/g, '\r\n'));
const chunk = (text: string) => `${text.length.toString(16)}\n${text}\n`;
const withLength = (length: string | number, json: string, ...more: string[]) =>
  lines('HTTP/1.1 200 OK', `Content-Length: ${length}`, ...more, LEAK, '', json);
const edited = (json: string, more: object) => JSON.stringify({ ...(JSON.parse(json) as object), ...more });

const BOMB_BYTES = 20 * 1024 * 1024;
const DEPTH = 100_000;

/** Statuses other than 200, although the body says yes. */
const STATUSES: [name: string, bytes: Bytes, outcome: Outcome][] = [
  ...[201, 202, 203, 204, 205, 206, 226, 299].map((status): [string, Bytes, Outcome] => [
    `a good body under ${status}`,
    ({ json }) => http(json, [LEAK], `${status} ${MARK}`),
    'held',
  ]),
  ...[300, 305, 399].map((status): [string, Bytes, Outcome] => [
    `a good body under ${status}`,
    ({ json }) => http(json, [LEAK], `${status} ${MARK}`),
    'free',
  ]),
  ...[301, 302, 303, 307, 308].map((status): [string, Bytes, Outcome] => [
    `a ${status} to its own address, with a good body`,
    ({ json }) => http(json, [`Location: ${upstream.url}/2fa/2/pin?${MARK}`], `${status} ${MARK}`),
    'free',
  ]),
  ['a 304 without a body', () => lines('HTTP/1.1 304 Not Modified', LEAK, '', ''), 'free'],
  ['a 304 with a body', ({ json }) => http(json, [LEAK], `304 ${MARK}`), 'held'],
  ['a good body under 400', ({ json }) => http(json, [LEAK], `400 ${MARK}`), 'free'],
  ['a good body under 418', ({ json }) => http(json, [LEAK], `418 ${MARK}`), 'free'],
];

const ENCODINGS: typeof STATUSES = [
  ['gzip that nobody asked for', ({ json }) => http(gzipSync(json), ['Content-Encoding: gzip', LEAK]), 'held'],
  ['deflate', ({ json }) => http(deflateSync(json), ['Content-Encoding: deflate', LEAK]), 'held'],
  ['br', ({ json }) => http(brotliCompressSync(json), ['Content-Encoding: br', LEAK]), 'held'],
  ['gzip without saying so', ({ json }) => http(gzipSync(json), [LEAK]), 'held'],
  ['a gzip bomb', () => http(gzipSync(Buffer.alloc(BOMB_BYTES, ' ')), ['Content-Encoding: gzip', LEAK]), 'held'],
  ['a br bomb', () => http(brotliCompressSync(Buffer.alloc(BOMB_BYTES, ' ')), ['Content-Encoding: br']), 'held'],
  ['gzip of gzip', ({ json }) => http(gzipSync(gzipSync(json)), ['Content-Encoding: gzip, gzip', LEAK]), 'held'],
  ['UTF-16', ({ json }) => http(Buffer.from(`\ufeff${json}`, 'utf16le')), 'held'],
  ['UTF-7 by charset', () => http('+AHs-+ACI-', ['Content-Type: application/json; charset=utf-7', LEAK]), 'held'],
  ['a byte order mark', ({ json }) => http(`\ufeff${json}`, [LEAK]), 'good'],
  ['plain JSON that is called gzip', ({ json }) => http(json, ['Content-Encoding: gzip', LEAK]), 'good'],
];

const NOT_JSON: typeof STATUSES = [
  ['a comment before it', ({ json }) => http(`/* ${MARK} */${json}`), 'held'],
  ['a comment after it', ({ json }) => http(`${json} // ${MARK}`), 'held'],
  ['a comma too many', ({ json }) => http(json.replace('}', ',}')), 'held'],
  ['single quotes', ({ json }) => http(json.replaceAll('"', "'")), 'held'],
  ['JSONP', ({ json }) => http(`callback(${json})`), 'held'],
  ['a prefix against inclusion as script', ({ json }) => http(`)]}',\n${json}`), 'held'],
  ['two documents', ({ json }) => http(json + json), 'held'],
  ['lines of JSON', ({ json }) => http(`${json}\n${json}\n`), 'held'],
  ['a NUL at the end', ({ json }) => http(`${json}\0`), 'held'],
  ['two byte order marks', ({ json }) => http(`\ufeff\ufeff${json}`), 'held'],
  ['a list with the good one', ({ json }) => http(`[${json}]`), 'held'],
  ['the good one, a level deeper', ({ json }) => http(`{"data":${json},"result":${json}}`), 'held'],
  ['the good one as text', ({ json }) => http(JSON.stringify(json)), 'held'],
  ['the good one as a prototype', ({ json }) => http(`{"__proto__":${json},"constructor":${json}}`), 'held'],
  ['true', () => http('true'), 'held'],
  ['a number', () => http('1e999'), 'held'],
  ['lists without end', () => http('['.repeat(DEPTH)), 'held'],
  ['lists in lists', () => http('['.repeat(DEPTH) + ']'.repeat(DEPTH)), 'held'],
  ['objects in objects', () => http('{"data":'.repeat(DEPTH) + 1 + '}'.repeat(DEPTH)), 'held'],
];

const FRAMING: typeof STATUSES = [
  ['chunks', ({ json }) => chunked(`${chunk(json.slice(0, 9)) + chunk(json.slice(9))}0\n\n`), 'good'],
  ['chunks with a trailer', ({ json }) => chunked(`${chunk(json)}0\nSet-Cookie: ${MARK}=1\n\n`), 'good'],
  ['a chunk without a size', ({ json }) => chunked(`ZZ\n${json}\n0\n\n`), 'held'],
  ['a chunk of a negative size', ({ json }) => chunked(`-1\n${json}\n0\n\n`), 'held'],
  ['a chunk of an absurd size', ({ json }) => chunked(`fffffffffffffffffff\n${json}\n0\n\n`), 'held'],
  ['a chunk longer than it says', ({ json }) => chunked(`5\n${json}\n0\n\n`), 'held'],
  ['2 MB in chunks', () => chunked(`${chunk(' '.repeat(65_536)).repeat(32)}0\n\n`), 'held'],
  ['a good reply with 2 MB of space', ({ json }) => http(json + ' '.repeat(2 ** 21)), 'held'],
  [
    'a length next to chunks',
    ({ json }) => chunked('').replace('\r\n\r\n', `\r\nContent-Length: 5\r\n\r\n${json}`),
    'held',
  ],
  ['two lengths', ({ json }) => withLength(5, json, `Content-Length: ${json.length}`), 'held'],
  ['a negative length', ({ json }) => withLength(-1, json), 'held'],
  ['a length that is not a number', ({ json }) => withLength(MARK, json), 'held'],
  ['a length that is too short', ({ json }) => withLength(json.length - 1, json), 'held'],
  ['a length that is too long', ({ json }) => withLength(json.length + 1, json, 'Connection: close'), 'held'],
  ['an absurd length', ({ json }) => withLength('9'.repeat(30), json, 'Connection: close'), 'held'],
  ['no length, up to the end', ({ json }) => lines('HTTP/1.1 200 OK', 'Connection: close', '', json), 'good'],
  ['HTTP/1.0', ({ json }) => lines('HTTP/1.0 200 OK', 'Connection: close', LEAK, '', json), 'good'],
  ['HTTP/0.9', ({ json }) => json, 'held'],
  ['HTTP/2.0 in words', ({ json }) => lines('HTTP/2.0 200 OK', 'Connection: close', '', json), 'good'],
  ['another protocol', ({ json }) => lines('ICY 200 OK', 'Connection: close', '', json), 'held'],
  ['a TLS alert', () => Buffer.from([21, 3, 3, 0, 2, 2, 40]), 'held'],
  ['a status of two digits', ({ json }) => lines('HTTP/1.1 20 OK', 'Connection: close', '', json), 'held'],
  ['a status in letters', ({ json }) => lines('HTTP/1.1 2OO OK', 'Connection: close', '', json), 'held'],
  ['100 Continue before it', ({ json }) => `HTTP/1.1 100 Continue\r\n\r\n${http(json)}`, 'held'],
  ['103 Early Hints before it', ({ json }) => `HTTP/1.1 103 Early Hints\r\n${LEAK}\r\n\r\n${http(json)}`, 'good'],
  [
    '101 Switching Protocols',
    ({ json }) => lines('HTTP/1.1 101 OK', 'Upgrade: evil', 'Connection: upgrade', '', json),
    'held',
  ],
  ['a good reply and a bad one', ({ json }) => Buffer.concat([http(json), http('{}', [LEAK])]), 'good'],
  ['a bad reply and a good one', ({ json }) => Buffer.concat([http('{}', [LEAK]), http(json)]), 'held'],
];

const HEADERS: typeof STATUSES = [
  ['cookies', ({ json }) => http(json, [`Set-Cookie: verification=${MARK}; Path=/`, `Set-Cookie: a=${MARK}`]), 'good'],
  [
    'headers that mean something in our own reply',
    ({ json }) =>
      http(json, [
        'Location: https://evil.example',
        'Access-Control-Allow-Origin: *',
        `X-Request-Id: ${MARK}${MARK}`,
        'Server: evil',
        'Refresh: 0; url=https://evil.example',
        'Retry-After: 7',
      ]),
    'good',
  ],
  [
    'headers with the names of every object’s own',
    ({ json }) => http(json, ['__proto__: evil', 'constructor: evil', 'toString: evil', 'hasOwnProperty: evil']),
    'good',
  ],
  [
    'a hundred kilobytes of headers',
    ({ json }) => http(json, Array<string>(2000).fill(`${LEAK}${'x'.repeat(40)}`)),
    'held',
  ],
  ['a header of 20 kB', ({ json }) => http(json, [`${LEAK}${'x'.repeat(20_000)}`]), 'held'],
  ['a folded header', ({ json }) => http(json, ['X-Folded: a', ' b: c']), 'held'],
  ['a space before a colon', ({ json }) => http(json, [`X-Leak : ${MARK}`]), 'held'],
  ['a NUL in a header', ({ json }) => http(json, [`${LEAK}\0`]), 'held'],
  ['a bare carriage return in a header', ({ json }) => http(json, [`${LEAK}\rSet-Cookie: a=b`]), 'held'],
  ['a header without a name', ({ json }) => http(json, [`: ${MARK}`]), 'held'],
];

const ANY_OPERATION = [...STATUSES, ...ENCODINGS, ...NOT_JSON, ...FRAMING, ...HEADERS];

const expectedOf = (outcome: Outcome) => (outcome === 'good' ? [200, undefined] : [502, 'UPSTREAM_BAD_REPLY']);

/** What must hold after each case, and what resets the breaker's count before the next. */
async function expectServiceGoesOn(app: TestApp): Promise<void> {
  expect((await app.send(newNumber())).status).toBe(200);
}

/** The wait began at the reservation: on a busy machine a few seconds may have passed since. */
function expectHeld(reply: Reply): void {
  const seconds = Number(reply.headers.get('retry-after'));
  expect(COOLDOWN_SECONDS - seconds).toBeGreaterThanOrEqual(0);
  expect(COOLDOWN_SECONDS - seconds).toBeLessThanOrEqual(5);
}

async function answerSend(bytes: Bytes): Promise<Reply> {
  upstream.answer('send', bytes);
  const reply = await strict.send(newNumber());
  expect(upstream.calls).toEqual(['send']);
  expectNothingOfUpstream(reply);
  if (reply.status !== 200) expect(reply.headers.has('set-cookie')).toBe(false);
  await expectServiceGoesOn(strict);
  return reply;
}

/** @returns the reply, and the reply to a second attempt, which upstream answers correctly */
async function answerTry(operation: 'resend' | 'verify', bytes: Bytes): Promise<[Reply, Reply]> {
  const { body } = await relaxed.send(newNumber());
  const attempt = () => (operation === 'resend' ? relaxed.resend(body.pinId) : relaxed.verify(body.pinId, PIN));
  upstream.answer(operation, bytes);
  const reply = await attempt();
  expect(upstream.calls).toEqual([operation]);
  expectNothingOfUpstream(reply);
  if (reply.status !== 200) expect(reply.headers.has('set-cookie')).toBe(false);
  const again = await attempt();
  await expectServiceGoesOn(relaxed);
  return [reply, again];
}

describe.each(ANY_OPERATION)('answered by %s', (_name, bytes, outcome) => {
  test(`a send is ${outcome}, and is not repeated`, async () => {
    const reply = await answerSend(bytes);
    expect([reply.status, reply.body.code]).toEqual(expectedOf(outcome));
    expect(reply.headers.has('retry-after')).toBe(outcome === 'held');
    if (outcome === 'held') expectHeld(reply);
  });

  test(`a resend is ${outcome}, and can be tried again`, async () => {
    const [reply, again] = await answerTry('resend', bytes);
    expect([reply.status, reply.body.code]).toEqual(expectedOf(outcome));
    expect(again.status).toBe(200);
  });

  test(`a verify is ${outcome === 'good' ? 'a yes, once' : 'not a yes, and can be tried again'}`, async () => {
    const [reply, again] = await answerTry('verify', bytes);
    expect([reply.status, reply.body.code]).toEqual(expectedOf(outcome));
    expect(reply.body.verified).toBe(outcome === 'good');
    expect(again.status).toBe(outcome === 'good' ? 404 : 200);
  });
});

const patched =
  (fields: object): Bytes =>
  ({ json }) =>
    http(edited(json, fields), [LEAK]);
const replaced =
  (edit: (good: Good) => string): Bytes =>
  (good) =>
    http(edit(good), [LEAK]);

/** Values that the SDK would put into a path. */
const PIN_IDS: [name: string, pinId: unknown][] = [
  ['dots and slashes', '../../2fa/1/applications'],
  ['encoded dots', '%2e%2e%2f%2e%2e%2fapplications'],
  ['backslashes', '..\\..\\applications\\'],
  ['a query', 'ABCDEFGHIJKLMNOP?x=1'],
  ['a fragment', 'ABCDEFGHIJKLMNOP#'],
  ['a line break at its end', 'ABCDEFGHIJKLMNOP\n'],
  ['a header', `ABCDEFGHIJKLMNOP\r\nX-Leak: ${MARK}`],
  ['HTML', `<script>alert("${MARK}")</script>`],
  ['10 kB', 'A'.repeat(10_240)],
  ['65 characters', 'A'.repeat(65)],
  ['15 characters', 'A'.repeat(15)],
  ['nothing in it', ''],
  ['spaces around', ' ABCDEFGHIJKLMNOP '],
  ['letters of another script', 'АВСDЕFGНIJКLМNОР'],
  ['a NUL', 'ABCDEFGHIJKLMNOP\0'],
  ['a list', ['ABCDEFGHIJKLMNOP']],
  ['an object', { toString: 'ABCDEFGHIJKLMNOP' }],
  ['true', true],
];

test.each(PIN_IDS)('a send that gets a pinId of %s is refused before any request uses it', async (_name, pinId) => {
  const reply = await answerSend(patched({ pinId }));
  expect([reply.status, reply.body.code]).toEqual([502, 'UPSTREAM_BAD_REPLY']);
});

test.each(PIN_IDS)('a resend that gets a pinId of %s leaves the verification unchanged', async (_name, pinId) => {
  const [reply, again] = await answerTry('resend', patched({ pinId }));
  expect([reply.status, reply.body.code]).toEqual([502, 'UPSTREAM_BAD_REPLY']);
  expect([again.status, again.body.newPin]).toEqual([200, false]);
});

test.each<[name: string, fields: object]>([
  ['in small letters', { smsStatus: 'message_sent' }],
  ['with a space', { smsStatus: 'MESSAGE_SENT ' }],
  ['in a list', { smsStatus: ['MESSAGE_SENT'] }],
  ['as true', { smsStatus: true }],
  ['of a call', { smsStatus: undefined, callStatus: 'PENDING_ACCEPTED' }],
  ['of every object', { smsStatus: '__proto__' }],
  ['next to a lookup that is a list', { ncStatus: ['NC_DESTINATION_REACHABLE'] }],
])('a send with a status %s may have left, and does not count as sent', async (_name, fields) => {
  const reply = await answerSend(patched(fields));
  expect([reply.status, reply.body.code]).toEqual([502, 'UPSTREAM_BAD_REPLY']);
  expectHeld(reply);
});

test.each<[name: string, bytes: Bytes]>([
  ['verified in capitals', patched({ verified: 'TRUE' })],
  ['verified in a list', patched({ verified: [true] })],
  ['verified as an object', patched({ verified: { verified: true } })],
  ['verified as 1.0', replaced(({ json }) => json.replace('true', '1.0'))],
  ['Verified', replaced(({ json }) => json.replace('verified', 'Verified'))],
  ['verified and a NUL', replaced(({ json }) => json.replace('"verified"', '"verified\\u0000"'))],
  ['verified and nothing else', replaced(() => '{"verified":true}')],
  ['no pinId', patched({ pinId: undefined })],
  ['a pinId that is null', patched({ pinId: null })],
  ['the pinId in small letters', replaced(({ json, pinId }) => json.replace(pinId, pinId.toLowerCase()))],
  ['the pinId and a space', replaced(({ json, pinId }) => json.replace(pinId, `${pinId} `))],
  ['the pinId in a list', replaced(({ json, pinId }) => edited(json, { pinId: [pinId] }))],
  ['the number as a number', replaced(({ json, msisdn }) => edited(json, { msisdn: Number(msisdn) }))],
  ['the number with a plus', replaced(({ json, msisdn }) => edited(json, { msisdn: `+${msisdn}` }))],
  ['the number and a digit', replaced(({ json, msisdn }) => edited(json, { msisdn: `${msisdn}0` }))],
  ['the number in a list', replaced(({ json, msisdn }) => edited(json, { msisdn: [msisdn] }))],
  ['the number in digits of another script', replaced(({ json }) => edited(json, { msisdn: '١٤١٥٥٥٥٢٦٧١' }))],
  ['no number, but to', replaced(({ json, msisdn }) => edited(json, { msisdn: undefined, to: msisdn }))],
  ['an error of every object', patched({ pinError: '__proto__' })],
  ['an error that is empty', patched({ pinError: '' })],
  ['an error that is true', patched({ pinError: true })],
  ['an error in a list', patched({ pinError: ['NO_ERROR'] })],
  ['an envelope of every object', patched({ requestError: { serviceException: { messageId: '__proto__' } } })],
  ['an envelope', patched({ requestError: { serviceException: { messageId: 'GENERAL_ERROR', text: MARK } } })],
  ['the pinId of another code after it', replaced(({ json }) => json.replace('}', ',"pinId":"ABCDEFGHIJKLMNOP"}'))],
])('a verify that gets verified and %s is not a yes', async (_name, bytes) => {
  const [reply, again] = await answerTry('verify', bytes);
  expect([reply.status, reply.body.code, reply.body.verified]).toEqual([502, 'UPSTREAM_BAD_REPLY', false]);
  expect(again.status).toBe(200);
});

/** RFC 8259, section 4, leaves open which of two fields of one name counts. JSON.parse takes the last one. */
test.each<[first: boolean, last: boolean, status: number]>([
  [false, true, 200],
  [true, false, 400],
])('if a reply has verified %p and verified %p, the last one counts', async (first, last, status) => {
  const bytes = replaced(({ json }) => json.replace('"verified":true', `"verified":${first},"verified":${last}`));
  const [reply] = await answerTry('verify', bytes);
  expect([reply.status, reply.body.verified]).toEqual([status, last]);
});

test.each<[json: string]>([
  ['-1'],
  ['-9007199254740993'],
  ['9007199254740991'],
  ['1e308'],
  ['1e999'],
  ['2.5'],
  ['"99"'],
  ['null'],
  ['[99]'],
  ['{}'],
  ['true'],
])('a wrong code leaves four attempts even if Infobip says attemptsRemaining %s', async (attempts) => {
  const edit = ({ json }: Good) =>
    json.replace('true', 'false').replace(/"attemptsRemaining":0/, `"attemptsRemaining":${attempts}`);
  const [reply, again] = await answerTry('verify', replaced(edit));
  expect([reply.status, reply.body.code, reply.body.attemptsRemaining]).toEqual([400, 'WRONG_PIN', 4]);
  expect(again.status).toBe(200);
});

const envelope = (messageId: unknown) =>
  JSON.stringify({ requestError: { serviceException: { messageId, text: MARK } } });

const MESSAGE_IDS: [messageId: unknown][] = [
  ['__proto__'],
  ['constructor'],
  ['toString'],
  ['hasOwnProperty'],
  [`<b>${MARK}</b>`],
  [`X\n{"level":60,"msg":"${MARK}"}`],
  [MARK.repeat(1000)],
  ['wrong_pin'],
  [['WRONG_PIN']],
  [null],
];

test.each(MESSAGE_IDS)('an error named %j says nothing about a code', async (messageId) => {
  const bytes: Bytes = () => http(envelope(messageId), [LEAK], `400 ${MARK}`);
  const expected = [502, 'UPSTREAM_BAD_REPLY'];
  const sent = await answerSend(bytes);
  expect([sent.status, sent.body.code]).toEqual(expected);
  for (const operation of ['resend', 'verify'] as const) {
    const [reply, again] = await answerTry(operation, bytes);
    expect([reply.status, reply.body.code]).toEqual(expected);
    expect(again.status).toBe(200);
  }
});

test.each(['constructor', '__proto__', 'valueOf', `<b>${MARK}</b>`])(
  'a pinError %p is a wrong code',
  async (pinError) => {
    const [reply, again] = await answerTry(
      'verify',
      patched({ verified: false, pinError, attemptsRemaining: undefined }),
    );
    expect([reply.status, reply.body.code, reply.body.attemptsRemaining]).toEqual([400, 'WRONG_PIN', 4]);
    expect(again.status).toBe(200);
  },
);

test.each<[name: string, status: number, expected: number, code: string, held: boolean]>([
  ['401', 401, 503, 'UPSTREAM_REJECTED_US', false],
  ['500', 500, 503, 'UPSTREAM_UNAVAILABLE', true],
  ['599', 599, 503, 'UPSTREAM_UNAVAILABLE', true],
  ['999', 999, 503, 'UPSTREAM_UNAVAILABLE', true],
])('a good body with status %s is not a success', async (_name, status, expected, code, held) => {
  const bytes: Bytes = ({ json }) => http(json, [LEAK, 'Retry-After: 7'], `${status} ${MARK}`);
  const sent = await answerSend(bytes);
  expect([sent.status, sent.body.code]).toEqual([expected, code]);
  expect(sent.headers.get('retry-after')).toBe(held ? String(COOLDOWN_SECONDS) : null);
  for (const operation of ['resend', 'verify'] as const) {
    const [reply] = await answerTry(operation, bytes);
    expect([reply.status, reply.body.code]).toEqual([expected, code]);
  }
});

test('a good body with status 404 means that the code no longer exists', async () => {
  const [reply] = await answerTry('verify', ({ json }) => http(json, [LEAK], `404 ${MARK}`));
  expect([reply.status, reply.body.code, reply.body.verified]).toEqual([404, 'PIN_NOT_FOUND', false]);
});

const WAITS = { send: 60, resend: 60, verify: 3 } as const;

test.each<[name: string, headers: string[], seconds: number | undefined]>([
  ['minus one', ['Retry-After: -1'], undefined],
  ['1e9', ['Retry-After: 1e9'], undefined],
  ['a billion', ['Retry-After: 1000000000'], undefined],
  ['a billion less one', ['Retry-After: 999999999'], 3600],
  ['a fraction', ['Retry-After: 2.5'], undefined],
  ['Infinity', ['Retry-After: Infinity'], undefined],
  ['hexadecimal', ['Retry-After: 0x10'], undefined],
  ['nothing', ['Retry-After:'], undefined],
  ['spaces around', ['Retry-After:    7   '], 7],
  ['text', [`Retry-After: ${MARK}`], undefined],
  ['a date in the past', ['Retry-After: Sun, 06 Nov 1994 08:49:37 GMT'], 1],
  ['a date that does not exist', ['Retry-After: Xyz, 99 Abc 2026 99:99:99 GMT'], undefined],
  ['a date in another form', ['Retry-After: 2099-01-01T00:00:00Z'], undefined],
  ['two of them', ['Retry-After: 5', 'Retry-After: 9'], undefined],
  ['a list', ['Retry-After: 5, 9'], undefined],
])('a 429 with a Retry-After of %s gives a bounded wait', async (_name, headers, seconds) => {
  const bytes: Bytes = () => http('', [LEAK, ...headers], `429 ${MARK}`);
  const sent = await answerSend(bytes);
  const replies: [Operation, Reply][] = [['send', sent]];
  for (const operation of ['resend', 'verify'] as const)
    replies.push([operation, (await answerTry(operation, bytes))[0]]);
  for (const [operation, reply] of replies) {
    const wait = seconds ?? WAITS[operation];
    expect([reply.status, reply.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect([reply.body.retryAfterSeconds, reply.headers.get('retry-after')]).toEqual([wait, String(wait)]);
  }
});
