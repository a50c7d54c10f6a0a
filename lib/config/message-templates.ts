import type { Channel } from '@/lib/contract';
import { LANGUAGES, type Language } from '@/lib/i18n/languages';

/** Infobip's message templates, by how a code travels and the language it is told in. */
export type MessageIds = Readonly<Record<Channel, Readonly<Record<Language, string>>>>;

/** The variable of each channel's template; with a language behind it, that of its template in the language. */
export const CHANNEL_VARIABLES = {
  sms: 'INFOBIP_2FA_MESSAGE_ID',
  voice: 'INFOBIP_2FA_VOICE_MESSAGE_ID',
} as const satisfies Record<Channel, string>;

/** The variable of a template in one language, like `INFOBIP_2FA_MESSAGE_ID_DE`. */
export type TemplateVariable = `${(typeof CHANNEL_VARIABLES)[Channel]}_${Uppercase<Language>}`;

const languages = Object.keys(LANGUAGES) as Language[];

/** The variable of a channel's template in one language. */
export const variableOf = (channel: Channel, language: Language) =>
  `${CHANNEL_VARIABLES[channel]}_${language.toUpperCase()}` as TemplateVariable;

/** The variables of the templates in each language. */
export const TEMPLATE_VARIABLES: readonly TemplateVariable[] = (Object.keys(CHANNEL_VARIABLES) as Channel[]).flatMap(
  (channel) => languages.map((language) => variableOf(channel, language)),
);

const byLanguage = (templateOf: (language: Language) => string) =>
  Object.fromEntries(languages.map((language) => [language, templateOf(language)])) as Record<Language, string>;

/**
 * The template for every channel and language. Where a language has none: a text message has that of all languages; a call
 * has that of all calls, or else what a text message has.
 */
export function messageIdsOf(
  given: Readonly<Partial<Record<TemplateVariable | typeof CHANNEL_VARIABLES.voice, string | undefined>>> &
    Readonly<Record<typeof CHANNEL_VARIABLES.sms, string>>,
): MessageIds {
  const sms = byLanguage((language) => given[variableOf('sms', language)] ?? given[CHANNEL_VARIABLES.sms]);
  const voice = byLanguage(
    (language) => given[variableOf('voice', language)] ?? given[CHANNEL_VARIABLES.voice] ?? sms[language],
  );
  return { sms, voice };
}

/** The language that a template tells a code in; the first of those that share it, `en` where it is no longer used. */
export const languageOf = (templates: MessageIds[Channel], messageId: string): Language =>
  languages.find((language) => templates[language] === messageId) ?? 'en';
