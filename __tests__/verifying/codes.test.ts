import { outcomeOf } from '@/__tests__/support/raw-http';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';

const { app, simulator } = useApp({}, { resetEach: false });

let pinId: string;

describe('a malformed code', () => {
  beforeAll(async () => {
    pinId = (await app.send(NUMBER)).body.pinId;
    await simulator.reset();
  });
  afterAll(async () => expect(await simulator.calls()).toEqual([]));

  const NONE: [string, string][] = [
    ['nothing', ''],
    ['spaces', '      '],
    ['dashes', '------'],
    ['5 digits', '12345'],
    ['7 digits', '1234567'],
    ['12 digits', '123456123456'],
    ['4000 digits', '1'.repeat(4000)],
    ['letters', 'abcdef'],
    ['a letter O', '12345O'],
    ['true', 'true'],
    ['null', 'null'],
    ['NaN', 'NaN'],
    ['a list', '["123456"]'],
    ['two codes', '123456,654321'],
    ['two codes with a line break', '123456\n654321'],
    ['a plus', '+123456'],
    ['a minus sign', '\u2212123456'],
    ['an exponent', '1e5'],
    ['an exponent of six characters', '1234e5'],
    ['a fraction', '123456.0'],
    ['six characters with a dot', '12345.'],
    ['hex', '0x1E24'],
    ['binary', '0b1010'],
    ['a separator', '123_456'],
    ['a NUL at the end', '123456\0'],
    ['a NUL at the start', '\x00123456'],
    ['a line break at the end', '123456\n'],
    ['a carriage return', '123456\r\n'],
    ['a vertical tab', '123\v456'],
    ['a line separator', '123456\u2028'],
    ['a zero-width space', '123\u200b456'],
    ['a right-to-left override', '\u202e123456'],
    ['a byte order mark', '\ufeff123456'],
    ['Arabic-Indic digits, one too few', '١٢٣٤٥'],
    ['three digits outside the basic plane', '𝟏𝟐𝟑'],
    ['circled digits', '①②③④⑤⑥'],
    ['superscript digits', '¹²³⁴⁵⁶'],
    ['a wildcard', '______'],
    ['percent signs', '%%%%%%'],
    ['stars', '******'],
    ['a pattern', '\\d{6}'],
    ['a pattern of six characters', '[0-9]+'],
    ['SQL', "' OR 1=1--"],
    ['HTML', '<b>123456</b>'],
    ['a path', '../../applications'],
    ['percent-encoded digits', '%31%32%33%34%35%36'],
    ['an emoji', '12345🔑'],
  ];
  test.each(NONE)('is refused: %s', async (_name, pin) => {
    const reply = await app.verify(pinId, pin);
    expect([...outcomeOf(reply), reply.body.verified]).toEqual([400, 'INVALID_PIN_FORMAT', false]);
  });

  test('uses up no attempt', async () => {
    const headers = { cookie: `verification=${pinId}` };
    const reply = await app.request('/api/verification', { method: 'GET', headers });
    expect(reply.body.attemptsRemaining).toBe(5);
  });
});

test.each([
  ['a dash at the start, which is not a minus', (pin: string) => `-${pin}`],
  ['dashes and spaces anywhere', (pin: string) => ` ${[...pin].join('-')} `],
  ['a tab at the end, as from a table', (pin: string) => `${pin}\t`],
  ['wide spaces', (pin: string) => `\u3000${pin.slice(0, 3)}\u2009${pin.slice(3)}`],
  ['hundreds of spaces', (pin: string) => `${' '.repeat(3000)}${pin}`],
])('a verify accepts a code with %s', async (_name, spell) => {
  const { body } = await app.send(NUMBER);
  const pin = await simulator.pinFor(NUMBER);
  expect((await app.verify(body.pinId, spell(pin))).status).toBe(200);
  expect((await simulator.calls('verify')).at(-1)?.body).toEqual({ pin });
});
