import { AppError, type ErrorReply } from '@/lib/errors';
import {
  assertReachable,
  maskPhoneNumber,
  parsePhoneNumber,
  type Reach,
  toMsisdn,
} from '@/lib/methods/phone/phone-number';

const ANYWHERE: Reach = { allowedCountries: undefined, blockedCountries: [], voiceCountries: undefined };

function codeOf(input: string, country?: string, channel: 'sms' | 'voice' = 'sms'): string {
  try {
    const number = parsePhoneNumber(input, country);
    assertReachable(number, channel, ANYWHERE);
    return number.e164;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

function replyOf(refuse: () => void): ErrorReply {
  try {
    refuse();
  } catch (error) {
    if (error instanceof AppError) return error.toReply();
    throw error;
  }
  throw new Error('It was not refused');
}

// Example mobile numbers of twenty countries, as libphonenumber's metadata gives them.
test.each([
  ['US', '(201) 555-0123', '+12015550123'],
  ['CA', '(506) 234-5678', '+15062345678'],
  ['GB', '07400 123456', '+447400123456'],
  ['DE', '01512 3456789', '+4915123456789'],
  ['FR', '06 12 34 56 78', '+33612345678'],
  ['ES', '612 34 56 78', '+34612345678'],
  ['IT', '312 345 6789', '+393123456789'],
  ['NL', '06 12345678', '+31612345678'],
  ['CH', '078 123 45 67', '+41781234567'],
  ['AT', '0664 123456', '+43664123456'],
  ['HR', '092 123 4567', '+385921234567'],
  ['PL', '512 345 678', '+48512345678'],
  ['SE', '070-123 45 67', '+46701234567'],
  ['TR', '0501 234 56 78', '+905012345678'],
  ['IN', '081234 56789', '+918123456789'],
  ['JP', '090-1234-5678', '+819012345678'],
  ['BR', '(11) 96123-4567', '+5511961234567'],
  ['MX', '222 123 4567', '+522221234567'],
  ['ZA', '071 123 4567', '+27711234567'],
  ['AU', '0412 345 678', '+61412345678'],
  ['EG', '0100 123 4567', '+201001234567'],
])('%s: %s is %s, nationally and internationally', (country, national, e164) => {
  expect(codeOf(national, country)).toBe(e164);
  expect(codeOf(e164)).toBe(e164);
  expect(codeOf(e164, 'US')).toBe(e164);
});

test.each([
  '+1 415 555 2671',
  '+1-415-555-2671',
  '+1.415.555.2671',
  '+1 (415) 555–2671',
  '+1 [415] 555 2671',
  '(+1) 415 555 2671',
  '  +14155552671  ',
  '+1\u00a0415\u00a0555\u00a02671',
  '＋１４１５５５５２６７１',
  '+١٤١٥٥٥٥٢٦٧١',
  '+۱۴۱۵۵۵۵۲۶۷۱',
  '+१४१५५५५२६७१',
])('the spelling %p is understood', (input) => {
  expect(codeOf(input)).toBe('+14155552671');
});

test.each([
  ['text before it', 'tel:+14155552671'],
  ['text after it', '+14155552671 home'],
  ['an extension', '+14155552671;ext=5'],
  ['a worded extension', '+14155552671 ext 5'],
  ['an x extension', '+14155552671x5'],
  ['NUL', '+14155552671\0'],
  ['a line break', '+1415555\n2671'],
  ['a bidirectional mark', '\u202a+14155552671\u202c'],
  ['a zero-width space', '+1415\u200b5552671'],
  ['letters for digits', '+1 800 FLOWERS'],
  ['two pluses', '++14155552671'],
  ['a plus inside', '1+4155552671'],
  ['only a plus', '+'],
  ['nothing', ''],
  ['punctuation', '()-.'],
  ['too few digits', '+1415555'],
  ['too many digits', '+1415555267100000'],
  ['more than 32 characters', `+1 ${'.'.repeat(30)}4155552671`],
  ['a number whose plan allows 16 digits', '+4996300944567890'],
  ['no such country code', '+999123456789'],
  ['no such area', '+10005552671'],
  ['an international prefix without a country', '0014155552671'],
  ['a national number without a country', '4155552671'],
  ['two numbers', '+14155552671,+14155552672'],
])('%s is refused', (_name, input) => {
  expect(codeOf(input)).toBe('INVALID_PHONE_NUMBER');
});

test.each([
  ['premium', '+19002345678'],
  ['toll-free', '+18002345678'],
  ['shared cost', '+448433000000'],
  ['personal', '+447012345678'],
  ['pager', '+447640123456'],
  ['company-wide', '+445512345678'],
  ['Inmarsat', '+870773111632'],
  ['universal personal', '+878101234567890'],
  ['Iridium', '+881612345678'],
  ['international networks', '+882345678901'],
  ['international networks', '+883510012345'],
  ['international premium', '+979123456789'],
  ['international toll-free', '+80012345678'],
])('a %s number (%s) is not supported, by text or call', (_kind, input) => {
  expect([codeOf(input), codeOf(input, undefined, 'voice')]).toEqual(Array(2).fill('PHONE_NUMBER_NOT_SUPPORTED'));
});

test('a landline takes calls and no text messages', () => {
  expect(codeOf('+442079460958')).toBe('PHONE_NUMBER_NOT_SUPPORTED');
  expect(codeOf('+442079460958', undefined, 'voice')).toBe('+442079460958');
});

test.each([
  ['a text message to a landline', '+442079460958', 'sms', {}, 'landline'],
  ['a call to a country that gets none', '+14155552671', 'voice', { voiceCountries: ['GB'] }, 'no-calls'],
  ['a number of another country', '+14155552671', 'sms', { allowedCountries: ['GB', 'CA'] }, 'country'],
  ['a number without a country', '+80012345678', 'sms', { allowedCountries: ['GB'] }, 'country'],
  ['a number of a blocked country', '+14155552671', 'sms', { blockedCountries: ['US'] }, 'country'],
  [
    'a number of a country that is allowed and blocked',
    '+14155552671',
    'voice',
    { allowedCountries: ['US'], blockedCountries: ['CU', 'US'] },
    'country',
  ],
  ['a kind of number that takes no codes', '+19002345678', 'sms', { allowedCountries: ['US'] }, undefined],
] as const)(
  'the refusal of %s says why, if there is more to say than the code does',
  (_what, input, channel, only, reason) => {
    const refusal = replyOf(() => assertReachable(parsePhoneNumber(input), channel, { ...ANYWHERE, ...only }));
    expect([refusal.code, refusal.reason]).toEqual(['PHONE_NUMBER_NOT_SUPPORTED', reason]);
  },
);

test.each([
  ['+14155552671', '+1 •••••••671'],
  ['+447400123456', '+44 •••••••456'],
  ['+4915123456789', '+49 ••••••••789'],
  ['+2904123', '+290 •••3'],
])('%s is shown as %s', (e164, masked) => {
  expect(maskPhoneNumber(e164)).toBe(masked);
});

test('Infobip gets digits only', () => {
  expect(toMsisdn('+41793026727')).toBe('41793026727');
});
