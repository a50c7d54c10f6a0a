import fc from 'fast-check';
import { boundHost, boundLine, smsSize, withPin } from '@/lib/infobip/message-text';

test.each([
  ['a'.repeat(160), 'GSM-7', 160, 1],
  ['a'.repeat(161), 'GSM-7', 161, 2],
  ['a'.repeat(306), 'GSM-7', 306, 2],
  ['a'.repeat(307), 'GSM-7', 307, 3],
  ['é à ñ ß Ω @ \n', 'GSM-7', 13, 1],
  ['č'.repeat(70), 'UCS-2', 70, 1],
  ['č'.repeat(71), 'UCS-2', 71, 2],
  ['č'.repeat(135), 'UCS-2', 135, 3],
  ['ó', 'UCS-2', 1, 1],
  ['\u00a0', 'UCS-2', 1, 1],
  ['', 'GSM-7', 0, 1],
])('%j travels as %s, is %i long, and takes %i', (text, encoding, length, segments) => {
  expect(smsSize(text)).toEqual({ encoding, length, segments });
});

test.each(['€', '[', ']', '{', '}', '^', '~', '\\', '|'])('%s takes two places in GSM-7', (character) => {
  expect(smsSize(character)).toEqual({ encoding: 'GSM-7', length: 2, segments: 1 });
  expect(smsSize(character.repeat(80)).segments).toBe(1);
  expect(smsSize(character.repeat(81)).segments).toBe(2);
});

test('a character beyond the basic plane takes two places in UCS-2', () => {
  expect(smsSize('🔑'.repeat(35))).toEqual({ encoding: 'UCS-2', length: 70, segments: 1 });
  expect(smsSize('🔑'.repeat(36)).segments).toBe(2);
});

test('one character outside GSM-7 makes the whole text UCS-2', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9 ]{0,300}$/), (text) => {
      const [gsm, ucs] = [smsSize(text), smsSize(`${text}ž`)];
      expect([gsm.encoding, ucs.encoding, ucs.length]).toEqual(['GSM-7', 'UCS-2', text.length + 1]);
      expect(ucs.segments).toBeGreaterThanOrEqual(gsm.segments);
    }),
  );
});

test('the code goes in wherever a text has its placeholder', () => {
  expect(withPin('{{pin}} once, {{pin}} twice, {{name}}', 6)).toBe('000000 once, 000000 twice, {{name}}');
  expect(withPin('{{pin}}', 4)).toBe('0000');
});

test.each([
  ['https://verify.example.com', '@verify.example.com #{{pin}}'],
  ['https://verify.example.com:8443', '@verify.example.com #{{pin}}'],
  ['http://localhost:3000', '@localhost #{{pin}}'],
  ['https://bücher.example', '@xn--bcher-kva.example #{{pin}}'],
])('the last line binds a code to the host of %s', (origin, line) => {
  expect(boundLine(origin)).toBe(line);
  expect(boundHost(`{{pin}} is your code.\n${line}`)).toBe(new URL(origin).hostname);
});

test.each([
  ['{{pin}} is your code.', undefined],
  ['@a.example #{{pin}}', 'a.example'],
  ['Code\n@a.example #{{pin}}\n', 'a.example'],
  ['Code\n@a.example #{{pin}} @b.example', 'a.example'],
  ['Code\n@a.example #{{pin}}\nBye', undefined],
  ['Code @a.example #{{pin}}', undefined],
  ['Code\n@a.example {{pin}}', undefined],
])('%j has its code bound to %s', (text, host) => {
  expect(boundHost(text)).toBe(host);
});
