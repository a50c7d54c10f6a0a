import type { Channel } from '@/lib/contract';
import { LANGUAGES, type Language } from '@/lib/i18n/languages';
import { say } from '@/lib/i18n/say';
import type { NewTemplate, Template } from '@/lib/infobip/account';
import { boundHost, boundLine, smsSize, withPin } from '@/lib/infobip/message-text';
import { lifetimeInWords, WORDINGS } from './wordings';

/** The inputs of message texts. */
export interface Occasion {
  /** Origin of the page where people type codes. */
  readonly origin: string;
  readonly ttlSeconds: number;
  readonly pinLength: number;
  /** The brand that sends the codes; undefined if messages name none. */
  readonly brand?: string | undefined;
}

/** A message template as the app needs it. */
export interface WantedTemplate {
  readonly channel: Channel;
  readonly language: Language;
  readonly fields: NewTemplate;
}

/** A key that is easy to find repeats the text. The pace is slow enough to write down the code; 1 is normal. */
const CALL = { repeatDTMF: '1#', speechRate: 0.8 } as const;

/** The usable wordings, those with the brand first, complete except for the code. */
const inWords = (wordings: readonly string[], language: Language, { ttlSeconds, brand }: Occasion) =>
  wordings
    .filter((wording) => brand !== undefined || !wording.includes('{brand}'))
    .map((wording) => say(wording, { lifetime: lifetimeInWords(ttlSeconds, language), brand: brand ?? '' }));

/**
 * The first wording that fits into one message together with the line that binds the code to the page. If the host is
 * too long for any wording, the text has no such line.
 */
export function smsText(language: Language, occasion: Occasion): string {
  const texts = inWords(WORDINGS[language].sms, language, occasion);
  const bound = texts.map((text) => `${text}\n${boundLine(occasion.origin)}`);
  const fits = (text: string) => smsSize(withPin(text, occasion.pinLength)).segments === 1;
  return [...bound, ...texts].find(fits) ?? texts.at(-1) ?? '';
}

function smsTemplate(language: Language, occasion: Occasion): WantedTemplate {
  const fields = { messageText: smsText(language, occasion), ...codeOf(language, occasion) };
  return { channel: 'sms', language, fields };
}

function callTemplates(language: Language, occasion: Occasion): WantedTemplate[] {
  const [messageText] = inWords(WORDINGS[language].calls, language, occasion);
  if (messageText === undefined) return [];
  const fields = { messageText, ...codeOf(language, occasion), ...CALL };
  return [{ channel: 'voice', language, fields }];
}

const codeOf = (language: Language, { pinLength }: Occasion) => ({
  pinType: 'NUMERIC' as const,
  pinLength,
  // Infobip accepts only the languages of its voices, so a template in any other language names none.
  ...(WORDINGS[language].calls.length > 0 && { language }),
});

/**
 * One template for text messages and one for calls in each language. Calls are in English if Infobip's voices speak
 * none of the languages.
 */
export function wantedTemplates(languages: readonly Language[], occasion: Occasion): WantedTemplate[] {
  const calls = languages.flatMap((language) => callTemplates(language, occasion));
  return [
    ...languages.map((language) => smsTemplate(language, occasion)),
    ...(calls.length > 0 ? calls : callTemplates('en', occasion)),
  ];
}

/** A language's name in English. */
export const nameOf = (language: Language): string =>
  new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? LANGUAGES[language];

/** Says what the texts in these languages lack. */
export function shortcomings(wanted: readonly WantedTemplate[], brand?: string): string[] {
  const texts = wanted.filter(({ channel }) => channel === 'sms');
  const unbound = texts.filter(({ fields }) => boundHost(fields.messageText) === undefined);
  const spoken = new Set(wanted.filter(({ channel }) => channel === 'voice').map(({ language }) => language));
  const silent = texts.filter(({ language }) => !spoken.has(language));
  const [general] = spoken;
  const nameless = texts.filter(({ fields }) => brand !== undefined && !fields.messageText.includes(brand));
  return [
    ...nameless.map(
      ({ language }) => `BRAND_NAME does not fit into the text message in ${nameOf(language)}, which leaves it out.`,
    ),
    ...unbound.map(
      ({ language }) =>
        `The host is too long for a last line that binds the code to it, in ${nameOf(language)}: phones will not offer to fill in the code.`,
    ),
    ...silent.map(
      ({ language }) =>
        `Infobip's voices do not speak ${nameOf(language)}: people who use it get calls in ${nameOf(general ?? 'en')}.`,
    ),
  ];
}

/** The fields of a template that differ. */
export function differences(template: Template, { channel, fields }: WantedTemplate): (keyof NewTemplate)[] {
  // Infobip uses English if a template has no language.
  const isSameLanguage = (template.language ?? 'en') === (fields.language ?? 'en');
  const same: Record<string, boolean> = {
    messageText: template.messageText === fields.messageText,
    pinType: template.pinType === fields.pinType,
    pinLength: template.pinLength === fields.pinLength,
    language: isSameLanguage,
    ...(channel === 'voice' && {
      repeatDTMF: template.repeatDTMF === fields.repeatDTMF,
      speechRate: template.speechRate === fields.speechRate,
    }),
  };
  return (Object.keys(same) as (keyof NewTemplate)[]).filter((field) => !same[field]);
}

/** What may replace a placeholder in a wording: a time in words, or a name of the length that BRAND_NAME may have. */
const FILLED: Readonly<Record<string, string>> = { '{lifetime}': '[^.]{1,30}', '{brand}': '.{1,40}' };

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Whether a text is one of ours, for any host, lifetime and brand: texts that people wrote themselves stay. */
export function isOwnText(text: string, { channel, language }: WantedTemplate): boolean {
  const { sms, calls } = WORDINGS[language];
  const unbound = text.replace(/\n@\S+ #\{\{pin\}\}$/, '');
  return (channel === 'sms' ? sms : calls).some((wording) => {
    const parts = wording.split(/(\{lifetime\}|\{brand\})/).map((part) => FILLED[part] ?? escaped(part));
    return new RegExp(`^${parts.join('')}$`).test(unbound);
  });
}
