import type { Channel } from '@/lib/contract';
import { LANGUAGES, type Language } from '@/lib/i18n/languages';

/** Infobip's message templates, by the code's channel and the language of the message. */
export type MessageIds = Readonly<Record<Channel, Readonly<Record<Language, string>>>>;

/** The variable of each channel's template. With a language appended, it names that language's template. */
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

/** The variables of all templates that are for a single language. */
export const TEMPLATE_VARIABLES: readonly TemplateVariable[] = (Object.keys(CHANNEL_VARIABLES) as Channel[]).flatMap(
  (channel) => languages.map((language) => variableOf(channel, language)),
);

const byLanguage = (templateOf: (language: Language) => string) =>
  Object.fromEntries(languages.map((language) => [language, templateOf(language)])) as Record<Language, string>;

/**
 * The template for every channel and language. If a language has no template of its own, a text message uses the
 * template of all languages. A call uses the template of all calls, or, if there is none, that of text messages.
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

/**
 * The language of a template's message: the first of those that share it, or `en` if the template is no longer in use.
 */
export const languageOf = (templates: MessageIds[Channel], messageId: string): Language =>
  languages.find((language) => templates[language] === messageId) ?? 'en';
