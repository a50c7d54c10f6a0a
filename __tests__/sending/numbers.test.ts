import { outcomeOf } from '@/__tests__/support/raw-http';
import { useApp } from '@/__tests__/support/use-app';

const NUMBER = '+14155552671';

const { app, simulator } = useApp({}, { resetEach: false });

describe('text that is not a phone number', () => {
  afterAll(async () => expect(await simulator.calls()).toEqual([]));

  const NONE: [string, string, string?][] = [
    ['nothing', ''],
    ['a space', ' '],
    ['a plus', '+'],
    ['two pluses', '++14155552671'],
    ['a plus at the end', '14155552671+'],
    ['a plus in the middle', '1+4155552671', 'US'],
    ['another plus after a full-width one', '＋+14155552671'],
    ['brackets only', '((((((', 'US'],
    ['no plus and no country', '14155552671'],
    ['no plus and no country, which Switzerland would take', '4155552671'],
    ['an international prefix and no country', '0014155552671'],
    ['a NUL at the start', `\0${NUMBER}`],
    ['a NUL in the middle', '+1415\x005552671'],
    ['a NUL at the end', `${NUMBER}\0`],
    ['a line break at the end', `${NUMBER}\n`],
    ['a line break in the middle', '+1415\n5552671'],
    ['a carriage return and a header', `${NUMBER}\r\nX-A: b`],
    ['a vertical tab', `${NUMBER}\v`],
    ['an escape', `\x1b[31m${NUMBER}`],
    ['a line separator', `${NUMBER}\u2028`],
    ['a left-to-right mark', `\u200e${NUMBER}`],
    ['a right-to-left mark', `${NUMBER}\u200f`],
    ['a right-to-left override', `\u202e${NUMBER}`],
    ['an isolate', `\u2066${NUMBER}\u2069`],
    ['a zero-width space', '+1415\u200b5552671'],
    ['a zero-width joiner', '+1415\u200d5552671'],
    ['a byte order mark', `\ufeff${NUMBER}`],
    ['a soft hyphen', '+1415\u00ad5552671'],
    ['a Mongolian vowel separator', '+1415\u180e5552671'],
    ['a combining mark', '+1\u03014155552671'],
    ['a keycap', '+1\ufe0f\u20e34155552671'],
    ['an emoji', `${NUMBER}📞`],
    ['flags', '🇺🇸4155552671', 'US'],
    ['an extension by ;ext=', `${NUMBER};ext=5`],
    ['an extension by x', `${NUMBER}x5`],
    ['an extension by ext.', `${NUMBER} ext. 5`],
    ['an extension by #', `${NUMBER}#5`],
    ['a pause', `${NUMBER},5`],
    ['a wait', `${NUMBER}p5`],
    ['tel:', `tel:${NUMBER}`],
    ['tel: with a context', 'tel:4155552671;phone-context=+1'],
    ['a context', '4155552671;phone-context=+1', 'US'],
    ['sip:', `sip:${NUMBER}@evil.example`],
    ['letters for digits', '+1415FLOWERS'],
    ['text around', `call ${NUMBER}`],
    ['a slash', '+1415/5552671'],
    ['a dot and a comma', '+1.415,5552671'],
    ['an underscore', '+1_415_555_2671'],
    ['a star', '*67 +14155552671'],
    ['a hash', '#31#4155552671', 'US'],
    ['HTML', '<b>+14155552671</b>'],
    ['SQL', `${NUMBER}' OR 1=1--`],
    ['a path', '../../2fa/2/pin'],
    ['percent signs', '%2B14155552671'],
    ['an exponent', '1.4155552671e10', 'US'],
    ['hex', '0x34BD6E2BF', 'US'],
    ['a minus', '-14155552671'],
    ['a format', '%s%s%n'],
    ['two numbers', `${NUMBER} +14155550199`],
    ['two numbers with a comma', `${NUMBER},+14155550199`],
    ['two numbers in one run of digits', '+1415555267114155550199'],
    ['33 characters', `${NUMBER}${' '.repeat(21)}`],
    ['4000 digits', '4'.repeat(4000), 'US'],
    ['16 digits', '+1415555267112345'],
    ['a digit too few', '+1415555267'],
    ['a digit too many', '+141555526710'],
    ['a country that does not exist', '+9991234567'],
    ['a country code of zero', '+04155552671'],
    ['only a country', '+1'],
    ['an emergency number', '911', 'US'],
    ['an emergency number with a plus', '+1911'],
    ['a short code', '12345', 'US'],
    ['all the same digit', '+1111111111111'],
    ['zeros', '+0000000000000'],
    ['a number of a country other than the given one', '07911123456', 'US'],
    ['superscript digits', '+¹⁴¹⁵⁵⁵⁵²⁶⁷¹'],
    ['circled digits', '+①④①⑤⑤⑤⑤②⑥⑦①'],
    ['Roman numerals', '+Ⅰ4155552671'],
    ['Chinese numerals', '+一四一五五五五二六七一'],
    ['half a digit outside the basic plane', '+1415555267\ud835'],
  ];
  test.each(NONE)('is refused: %s', async (_name, phoneNumber, country = '') => {
    const reply = await app.send(phoneNumber, country === '' ? {} : { country });
    expect(outcomeOf(reply)).toEqual([400, 'INVALID_PHONE_NUMBER']);
    expect(reply.headers.get('set-cookie')).toBeNull();
  });
});

describe('a number that cannot take a code', () => {
  afterAll(async () => expect(await simulator.calls()).toEqual([]));

  const REFUSED: [string, string, string?][] = [
    ['premium rate in the United States', '+19002345678'],
    ['premium rate in the United Kingdom', '+449098790000'],
    ['premium rate in Germany', '0900 5 123456', 'DE'],
    ['premium rate in Italy', '+39892000'],
    ['toll-free in the United States', '+18002345678'],
    ['toll-free in the United Kingdom', '+448001234567'],
    ['toll-free without a country', '+80012345678'],
    ['shared cost in the United Kingdom', '+448431234567'],
    ['shared cost in Germany', '+491801234567'],
    ['shared cost without a country', '+80812345678'],
    ['a personal number in the United Kingdom', '+447012345678'],
    ['a pager in the United Kingdom', '+447640123456'],
    ['a company’s number in the United Kingdom', '+443001234567'],
    ['a voicemail box in Switzerland', '+41860123456789'],
    ['Inmarsat', '+870773111632'],
    ['universal personal numbers', '+878101234567890'],
    ['Iridium', '+881612345678'],
    ['Globalstar', '+881812345678'],
    ['networks without a country, +882', '+8821612345678'],
    ['networks without a country, +883', '+883510012345678'],
    ['relief work, +888', '+88812345678901'],
    ['premium rate without a country', '+979123456789'],
    ['a landline', '+442071838750'],
    ['a satellite in digits of another script', '+٨٨١٦١٢٣٤٥٦٧٨'],
    ['a satellite with an international prefix', '00881612345678', 'CH'],
  ];
  test.each(REFUSED)('is refused: %s', async (_name, phoneNumber, country = '') => {
    for (const channel of phoneNumber === '+442071838750' ? ['sms'] : ['sms', 'voice']) {
      const reply = await app.send(phoneNumber, { channel, ...(country !== '' && { country }) });
      expect(outcomeOf(reply)).toEqual([422, 'PHONE_NUMBER_NOT_SUPPORTED']);
    }
  });
});

describe('a number in an odd but valid spelling', () => {
  beforeEach(() => simulator.reset());

  const VALID: [string, string, string, string?][] = [
    ['Arabic-Indic digits', '+١٤١٥٥٥٥٢٦٧١', NUMBER],
    ['Persian digits', '+۱۴۱۵۵۵۵۲۶۷۱', NUMBER],
    ['Devanagari digits', '+१४१५५५५२६७१', NUMBER],
    ['Bengali digits', '+১৪১৫৫৫৫২৬৭১', NUMBER],
    ['Thai digits', '+๑๔๑๕๕๕๕๒๖๗๑', NUMBER],
    ['full-width plus and digits', '＋１４１５５５５２６７１', NUMBER],
    ['bold digits outside the basic plane', '+𝟏𝟒𝟏𝟓𝟓𝟓𝟓𝟐𝟔𝟕𝟏', NUMBER],
    ['digits of several scripts', '+1４١५๕55๒671', NUMBER],
    ['dots', '+1.415.555.2671', NUMBER],
    ['all kinds of dashes', '+1‐415–555—26−71', NUMBER],
    ['all kinds of spaces', '\u00a0+1\u2003415\u202f555\u30002671\t', NUMBER],
    ['brackets', '+1 [415] (555) 2671', NUMBER],
    ['brackets that do not close', '(+1(415((555(2671', NUMBER],
    ['32 characters', `${NUMBER}${' '.repeat(20)}`, NUMBER],
    ['a trunk zero in brackets', '+44 (0)7911 123456', '+447911123456'],
    ['a country other than that of the number', NUMBER, NUMBER, 'CH'],
    ['a country in lower case', '(415) 555-2671', NUMBER, 'us'],
    ['an international prefix', '0041793026727', '+41793026727', 'CH'],
    ['a national prefix', '1-415-555-2671', NUMBER, 'US'],
  ];
  test.each(VALID)('is understood: %s', async (_name, phoneNumber, e164, country = '') => {
    const reply = await app.send(phoneNumber, country === '' ? {} : { country });
    expect(reply.status).toBe(200);
    expect((await simulator.calls()).map(({ body }) => body.to)).toEqual([e164.slice(1)]);
  });
});
