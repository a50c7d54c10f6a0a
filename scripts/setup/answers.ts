import { z } from 'zod';
import { environment } from '@/lib/config/environment';
import { CHANNEL_VARIABLES, variableOf } from '@/lib/config/message-templates';
import { isLanguage, LANGUAGES, type Language } from '@/lib/i18n/languages';
import { CURRENCY } from '@/lib/methods/phone/prices';
import { UsageError } from '@/scripts/command';
import { DEFAULT_BUDGET, DEFAULT_NAME, type Options, readKeyFile } from './options';
import type { Terminal } from './terminal';

/** The answers that the command needs. Texts are as the person gave them: the configuration parses them. */
export interface Answers {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly name: string;
  readonly origin: string;
  /** The brand that sends the codes; undefined if messages name none. */
  readonly brand: string | undefined;
  /** The templates of the first one also serve people with any other language. */
  readonly languages: readonly [Language, ...Language[]];
  /** The country of most users, ISO 3166-1 alpha-2; undefined if nobody named one. */
  readonly homeCountry: string | undefined;
  /** The most money that messages may cost in a day. */
  readonly budgetPerDay: string;
  /** Senders by country; empty if those of the templates apply. */
  readonly senders: string;
}

interface Question {
  readonly option: string;
  readonly text: string;
  readonly isSecret?: boolean;
  readonly schema: z.ZodType;
}

/** Two letters in any case; undefined for an empty answer. */
const homeCountry = z
  .string()
  .transform((text) => text.toUpperCase() || undefined)
  .pipe(environment.shape.HOME_COUNTRY);

const words = (text: string) => text.split(',').map((part) => part.trim());

const QUESTIONS = {
  baseUrl: {
    option: '--base-url',
    text: "Base URL of your account, from Infobip's portal: ",
    schema: environment.shape.INFOBIP_BASE_URL,
  },
  apiKey: {
    option: '--api-key-file',
    text: 'API key with the scopes 2fa:manage and 2fa:pin:send (your typing is not shown): ',
    isSecret: true,
    schema: environment.shape.INFOBIP_API_KEY,
  },
  origin: {
    option: '--origin',
    text: 'Public address of the page, like https://verify.example.com or http://localhost:3000: ',
    schema: environment.shape.APP_ORIGIN,
  },
  brand: {
    option: '--brand',
    text: 'Name that the page and the messages show, like Example (empty for none): ',
    schema: z.literal('').or(environment.shape.BRAND_NAME),
  },
  name: {
    option: '--name',
    text: `Name of the 2FA application [${DEFAULT_NAME}]: `,
    schema: z.string().regex(/^[^\p{C}]{1,100}$/u, 'must be 1 to 100 characters.'),
  },
  languages: {
    option: '--languages',
    text: `Languages of the messages, from ${Object.keys(LANGUAGES).join(',')} [en]: `,
    schema: z
      .string()
      .refine(
        (text) => words(text).every(isLanguage),
        `must be from ${Object.keys(LANGUAGES).join(',')}, separated by commas.`,
      ),
  },
  homeCountry: {
    option: '--home-country',
    text: 'Country of most of your users, like US (empty for none): ',
    schema: homeCountry,
  },
  budgetPerDay: {
    option: '--budget-per-day',
    text: `What messages may cost in a day, in ${CURRENCY} [${DEFAULT_BUDGET}]: `,
    schema: environment.shape.BUDGET_PER_DAY,
  },
  senders: {
    option: '--senders',
    text: "Registered senders by country, like US:18335550100,GB:Example (empty for the templates' own): ",
    schema: z
      .string()
      .transform((text) => text || undefined)
      .pipe(environment.shape.INFOBIP_SENDER_IDS),
  },
} as const satisfies Record<keyof Answers, Question>;

const faultOf = ({ schema }: Question, answer: string) => schema.safeParse(answer).error?.issues[0]?.message;

/** The languages of the templates. The first one is the language of the template for everybody else. */
function languagesIn(known: Readonly<Record<string, string>>): string | undefined {
  const idOf = (language: Language) => known[variableOf('sms', language)];
  const languages = (Object.keys(LANGUAGES) as Language[]).filter((language) => idOf(language) !== undefined);
  const isFirst = (language: Language) => idOf(language) === known[CHANNEL_VARIABLES.sms];
  return languages.sort((one, other) => Number(isFirst(other)) - Number(isFirst(one))).join(',') || undefined;
}

/** Asks until the answer is usable. */
async function ask(terminal: Terminal, question: Question, fallback: string | undefined): Promise<string> {
  for (;;) {
    const answer = (await terminal.ask(question.text, question.isSecret)) || (fallback ?? '');
    const fault = faultOf(question, answer);
    if (fault === undefined) return answer;
    process.stdout.write(`It ${fault}\n`);
  }
}

/**
 * Takes every answer from the options, otherwise from the variables, otherwise from the person at the terminal.
 * @param known the variables of the environment and the env file, without blanks and placeholders
 * @param terminal undefined if there is nobody to ask
 * @throws {UsageError} naming the option that is wrong or missing
 */
export async function gatherAnswers(
  options: Options,
  known: Readonly<Record<string, string>>,
  terminal: Terminal | undefined,
): Promise<Answers> {
  async function answer(question: Question, given: string | undefined, variable?: string, fallback?: string) {
    const trimmed = given?.trim();
    const fault = trimmed === undefined ? undefined : faultOf(question, trimmed);
    if (fault !== undefined) throw new UsageError(`${question.option} ${fault}`);
    const found = trimmed ?? variable;
    if (found !== undefined) return found;
    if (terminal) return ask(terminal, question, fallback);
    if (fallback !== undefined) return fallback;
    throw new UsageError(
      `${question.option} is missing, and neither the environment nor ${options['env-file']} has it.`,
    );
  }

  const keyFile = options['api-key-file'];
  const given = {
    baseUrl: await answer(QUESTIONS.baseUrl, options['base-url'], known.INFOBIP_BASE_URL),
    apiKey: await answer(QUESTIONS.apiKey, keyFile && readKeyFile(keyFile), known.INFOBIP_API_KEY),
    origin: await answer(QUESTIONS.origin, options.origin, known.APP_ORIGIN),
    brand: (await answer(QUESTIONS.brand, options.brand, known.BRAND_NAME, '')) || undefined,
    name: await answer(QUESTIONS.name, options.name, undefined, DEFAULT_NAME),
  };
  const languages = await answer(QUESTIONS.languages, options.languages, languagesIn(known), 'en');
  const home = await answer(QUESTIONS.homeCountry, options['home-country'], known.HOME_COUNTRY, '');
  return {
    ...given,
    languages: [...new Set(words(languages))] as [Language, ...Language[]],
    homeCountry: home.toUpperCase() || undefined,
    budgetPerDay: await answer(QUESTIONS.budgetPerDay, options['budget-per-day'], known.BUDGET_PER_DAY, DEFAULT_BUDGET),
    senders: await answer(QUESTIONS.senders, options.senders, known.INFOBIP_SENDER_IDS, ''),
  };
}
