import fc from 'fast-check';
import { LANGUAGES, type Language } from '@/lib/i18n/languages';
import { boundHost, smsSize, withPin } from '@/lib/infobip/message-text';
import { differences, isOwnText, shortcomings, smsText, wantedTemplates } from '@/scripts/setup/templates';
import { lifetimeInWords, WORDINGS } from '@/scripts/setup/wordings';

const languages = Object.keys(LANGUAGES) as Language[];
/** Infobip's document: Language. */
const INFOBIP = 'en es ca da nl fr de it ja ko no pl ru sv fi hr sl ro pt_pt pt_br zh_cn zh_tw'.split(' ');

const USUAL = { origin: 'https://verify.example.com', ttlSeconds: 300, pinLength: 6 };

const hostOf = (length: number) => {
  const labels = 'a'.repeat(length).replace(/(.{60})./g, '$1.');
  return labels.replace(/\.$/, 'a');
};

/** Names in GSM-7 and in other alphabets, short and as long as names may be. */
const brand = fc.constantFrom(undefined, 'Example', 'Škoda', 'مثال', 'A $& B', 'n'.repeat(40));

const occasion = fc.record({
  brand,
  origin: fc.integer({ min: 1, max: 250 }).map((length) => `https://${hostOf(length)}`),
  ttlSeconds: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constantFrom(60, 120, 300, 600)),
  pinLength: fc.integer({ min: 4, max: 10 }),
});

describe.each(languages)('the text message in %s', (language) => {
  test('fits one message with the code in it, whatever the host, the lifetime and the length of codes', () => {
    fc.assert(
      fc.property(occasion, (given) => {
        const text = smsText(language, given);
        expect(smsSize(withPin(text, given.pinLength)).segments).toBe(1);
        expect(text).toMatch(/^\{\{pin\}\} /);
        expect(text.match(/\{(?!\{?pin\})/g)).toBeNull();
        expect([undefined, new URL(given.origin).hostname]).toContain(boundHost(text));
      }),
    );
  });

  test('has no last line only if the shortest wording has no room for the host', () => {
    fc.assert(
      fc.property(occasion, (given) => {
        const [shortest = ''] = [...WORDINGS[language].sms].reverse();
        const text = shortest.replace('{lifetime}', lifetimeInWords(given.ttlSeconds, language));
        const bound = `${text}\n@${new URL(given.origin).hostname} #{{pin}}`;
        const hasRoom = smsSize(withPin(bound, given.pinLength)).segments === 1;
        expect(boundHost(smsText(language, given)) !== undefined).toBe(hasRoom);
      }),
    );
  });

  test("has room for at least 25 characters of host, names the lifetime, and ends with the page's line", () => {
    const given = { ...USUAL, origin: `https://${hostOf(25)}` };
    const text = smsText(language, given);
    expect(text).toContain(lifetimeInWords(300, language));
    expect(text.split('\n')).toEqual([expect.any(String), `@${hostOf(25)} #{{pin}}`]);
  });

  test('names the brand, and still fits one message that is bound to the page', () => {
    const text = smsText(language, { ...USUAL, brand: 'Example' });
    expect(text).toMatch(/^\{\{pin\}\} .*Example.*\n@verify\.example\.com #\{\{pin\}\}$/);
    expect(smsSize(withPin(text, USUAL.pinLength)).segments).toBe(1);
  });

  test('is UCS-2 in Arabic only', () => {
    const { encoding } = smsSize(withPin(smsText(language, USUAL), 6));
    expect(encoding).toBe(language === 'ar' ? 'UCS-2' : 'GSM-7');
  });
});

test('calls say the code twice, and are bound to no page', () => {
  const calls = wantedTemplates(languages, USUAL).filter(({ channel }) => channel === 'voice');
  expect(calls.map(({ language }) => language)).toEqual(['en', 'de', 'es', 'fr', 'hr']);
  for (const { language, fields } of calls) {
    expect(fields.messageText.match(/\{\{pin\}\}/g)).toHaveLength(2);
    expect(fields.messageText).toContain(lifetimeInWords(300, language));
    expect(fields.messageText).not.toMatch(/[@\n]/);
    expect(fields).toMatchObject({ pinType: 'NUMERIC', pinLength: 6, repeatDTMF: '1#', speechRate: 0.8 });
  }
});

test('calls also name the brand', () => {
  const calls = wantedTemplates(languages, { ...USUAL, brand: 'Example' }).filter(({ channel }) => channel === 'voice');
  for (const { fields } of calls) expect(fields.messageText).toMatch(/Example.*\{\{pin\}\}.*\{\{pin\}\}/);
});

test('setup leaves out a name that fits no message, and says so', () => {
  const given = { ...USUAL, brand: 'Š'.repeat(40) };
  const wanted = wantedTemplates(['en'], given);
  expect(wanted[0]?.fields.messageText).toBe(smsText('en', USUAL));
  expect(shortcomings(wanted, given.brand)).toEqual([
    'BRAND_NAME does not fit into the text message in English, which leaves it out.',
  ]);
  expect(shortcomings(wantedTemplates(['en'], { ...USUAL, brand: 'Example' }), 'Example')).toEqual([]);
});

test("templates have a language only if Infobip's list has it", () => {
  for (const { language, fields } of wantedTemplates(languages, USUAL)) {
    expect([language, fields.language]).toEqual([language, INFOBIP.includes(language) ? language : undefined]);
  }
});

test('calls are in English if the voices speak none of the languages, and a warning says so', () => {
  const wanted = wantedTemplates(['ar'], USUAL);
  expect(wanted.map(({ channel, language }) => [channel, language])).toEqual([
    ['sms', 'ar'],
    ['voice', 'en'],
  ]);
  expect(shortcomings(wanted)).toEqual([expect.stringMatching(/do not speak Arabic: .* calls in English\.$/)]);
});

test('a warning names a host that is too long, for the languages that it is too long for', () => {
  expect(shortcomings(wantedTemplates(['en', 'de'], USUAL))).toEqual([]);
  const long = { ...USUAL, origin: `https://${hostOf(60)}` };
  expect(shortcomings(wantedTemplates(['en', 'ar'], long))).toEqual([
    expect.stringMatching(/^The host is too long .* in Arabic:/),
    expect.stringMatching(/do not speak Arabic/),
  ]);
});

test.each([
  ['en', 300, '5 minutes'],
  ['en', 60, '1 minute'],
  ['en', 90, '90 seconds'],
  ['fr', 300, '5 minutes'],
  ['hr', 120, '2 minute'],
  ['ar', 300, '5 دقائق'],
] as const)('the lifetime in %s of %i seconds is %s', (language, seconds, words) => {
  expect(lifetimeInWords(seconds, language)).toBe(words);
});

test.each([
  ['without a brand', {}],
  ['for a brand', { brand: 'Example (of $1)' }],
])('our own text %s is recognized, whatever its host and lifetime; others are not', (_kind, named) => {
  const wanted = wantedTemplates(languages, USUAL);
  const others = wantedTemplates(languages, {
    origin: `https://${hostOf(60)}`,
    ttlSeconds: 90,
    pinLength: 4,
    ...named,
  });
  for (const one of wanted) {
    for (const other of others) {
      const isSameKind = one.channel === other.channel && one.language === other.language;
      expect(isOwnText(other.fields.messageText, one)).toBe(isSameKind);
    }
    expect(isOwnText('ACME: {{pin}}', one)).toBe(false);
    expect(isOwnText(`ACME: ${one.fields.messageText}`, one)).toBe(false);
  }
});

test('a template differs in what it has, and not in what only calls have', () => {
  const [sms, call] = wantedTemplates(['en'], USUAL);
  if (!sms || !call) throw new Error('no templates');
  const messageId = 'ID';
  expect(differences({ messageId, ...sms.fields, repeatDTMF: '1#', senderId: 'ACME' }, sms)).toEqual([]);
  expect(differences({ messageId, ...sms.fields, language: undefined }, sms)).toEqual([]);
  expect(differences({ messageId, ...sms.fields, language: 'de', pinLength: 4 }, sms)).toEqual([
    'pinLength',
    'language',
  ]);
  expect(differences({ messageId, ...call.fields, speechRate: 1 }, call)).toEqual(['speechRate']);
});
