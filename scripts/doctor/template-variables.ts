import type { Variable } from '@/lib/config/environment';
import { CHANNEL_VARIABLES, variableOf } from '@/lib/config/message-templates';
import type { Channel } from '@/lib/contract';
import { LANGUAGES, type Language } from '@/lib/i18n/languages';
import { WORDINGS } from '@/scripts/setup/wordings';
import type { Settings } from './settings';

/** A variable that names a message template. */
export interface TemplateVariable {
  readonly variable: Variable;
  readonly channel: Channel;
  /** Undefined for the template of all languages. */
  readonly language: Language | undefined;
  readonly id: string;
}

const CHANNELS = ['sms', 'voice'] as const;
const NAMES = [undefined, ...(Object.keys(LANGUAGES) as Language[])];

/** The variable of a channel's template, in a language or for all of them. */
export const templateVariable = (channel: Channel, language?: Language): Variable =>
  language === undefined ? CHANNEL_VARIABLES[channel] : variableOf(channel, language);

/** Whether Infobip's voices speak the language. */
export const isSpoken = (language: Language): boolean => WORDINGS[language].calls.length > 0;

/** The variables that have a usable value. */
export const templateVariables = (settings: Partial<Settings>): readonly TemplateVariable[] =>
  CHANNELS.flatMap((channel) =>
    NAMES.flatMap((language) => {
      const variable = templateVariable(channel, language);
      const id = settings[variable];
      return typeof id === 'string' ? [{ variable, channel, language, id }] : [];
    }),
  );
