import type { Check, Context } from './context';
import { fail, type Judgement, orOk, skipped, warn } from './finding';
import { usesOf } from './template-checks';
import { isSpoken, templateVariable, templateVariables } from './template-variables';

/** Letters, with digits and a little punctuation, up to 11; or digits, up to 15. 3GPP TS 23.040, §9.1.2.5. */
const ALPHANUMERIC = /^(?=.*[A-Za-z])[A-Za-z0-9 &._-]{1,11}$/;
const NUMERIC = /^\d{1,15}$/;

/** Countries whose networks accept only registered numbers. */
const NUMBERS_ONLY = ['US', 'CA'];

/** A sender, and the setting that it comes from. */
interface Sender {
  readonly value: string;
  readonly from: string;
}

function judgeSender({ value, from }: Sender, { settings }: Context): readonly Judgement[] {
  if (NUMERIC.test(value)) return [];
  if (!ALPHANUMERIC.test(value))
    return [
      fail(
        `${from} is not a valid sender.`,
        'Use up to 11 letters and digits, or a number of up to 15 digits without a plus.',
      ),
    ];
  const { ALLOWED_COUNTRIES: allowed = [], INFOBIP_SENDER_IDS: own = {} } = settings;
  const strict = allowed.filter((country) => NUMBERS_ONLY.includes(country) && !(country in own));
  if (strict.length === 0) return [];
  return [
    warn(
      `${from} contains letters, but in ${strict.join(' and ')} (ALLOWED_COUNTRIES) only registered numbers may send.`,
      'Get a number for these countries from Infobip, and set it in INFOBIP_SENDER_IDS.',
    ),
  ];
}

/** Checks the senders that INFOBIP_SENDER_IDS sets for single countries. */
function judgeByCountry({ settings }: Context): readonly Judgement[] {
  const { ALLOWED_COUNTRIES: allowed, BLOCKED_COUNTRIES: blocked = [], INFOBIP_SENDER_IDS: own = {} } = settings;
  const getsCodes = (country: string) => (allowed?.includes(country) ?? true) && !blocked.includes(country);
  return Object.entries(own).flatMap(([country, sender]) => [
    ...(NUMBERS_ONLY.includes(country) && !NUMERIC.test(sender)
      ? [
          fail(
            `INFOBIP_SENDER_IDS: the sender for ${country} contains letters, but only registered numbers may send there.`,
            `Get a number for ${country} from Infobip.`,
          ),
        ]
      : []),
    ...(getsCodes(country)
      ? []
      : [
          warn(
            `INFOBIP_SENDER_IDS has ${country}, which gets no codes (ALLOWED_COUNTRIES, BLOCKED_COUNTRIES).`,
            'Remove it, or allow the country.',
          ),
        ]),
  ]);
}

/** Senders of the templates for text messages, if no sender is set for all. */
async function sendersOf(
  context: Context,
): Promise<{ senders: readonly Sender[]; silent: readonly string[] } | Judgement> {
  const { settings, isFaulty, infobip } = context;
  if (isFaulty('INFOBIP_SENDER_ID')) return skipped('INFOBIP_SENDER_ID is not usable: see variables.');
  const { INFOBIP_SENDER_ID: ours } = settings;
  if (ours !== undefined) return { senders: [{ value: ours, from: 'INFOBIP_SENDER_ID' }], silent: [] };
  const read = await infobip.templates();
  if ('skipped' in read)
    return skipped(
      `INFOBIP_SENDER_ID is not set, and the doctor does not know the templates' senderId.`,
      read.skipped.remedy,
    );
  const texts = usesOf(settings)
    .filter(({ isText }) => isText)
    .flatMap(({ id, variables }) => {
      const result = read.value.get(id);
      const names = variables.map(({ variable }) => variable).join(', ');
      return result?.kind === 'ok' ? [{ value: result.value.senderId ?? '', from: `senderId of ${names}` }] : [];
    });
  return {
    senders: texts.filter(({ value }) => value !== ''),
    silent: texts.filter(({ value }) => value === '').map(({ from }) => from),
  };
}

const namesByCountry = ({ settings }: Context) =>
  Object.entries(settings.INFOBIP_SENDER_IDS ?? {}).map(([country, sender]) => `${sender} (to ${country})`);

async function judgeSenders(context: Context): Promise<readonly Judgement[]> {
  const byCountry = context.isFaulty('INFOBIP_SENDER_IDS')
    ? [skipped('INFOBIP_SENDER_IDS is not usable: see variables.')]
    : judgeByCountry(context);
  return [...byCountry, ...(await judgeForAll(context))];
}

/** Checks the senders of messages to all other countries. */
async function judgeForAll(context: Context): Promise<readonly Judgement[]> {
  const found = await sendersOf(context);
  if ('status' in found) return [found];
  const { senders, silent } = found;
  if (senders.length + silent.length === 0)
    return [skipped("INFOBIP_SENDER_ID is not set, and the doctor could not read any template's senderId.")];
  const ours = context.settings.INFOBIP_SENDER_ID;
  return orOk(
    [
      ...senders.flatMap((sender) => judgeSender(sender, context)),
      ...silent.map((from) =>
        warn(
          `${from} is not set, nor is INFOBIP_SENDER_ID.`,
          'Set one of them, so that people see who sent the message.',
        ),
      ),
      ...(ours !== undefined && ALPHANUMERIC.test(ours)
        ? [
            warn(
              'INFOBIP_SENDER_ID contains letters, but it is also the caller ID of calls, which must be a number.',
              'If you use calls, set senderId in the templates instead.',
            ),
          ]
        : []),
    ],
    `Messages come from ${[...senders.map(({ value }) => value), ...namesByCountry(context)].join(', ')}.`,
  );
}

/** The consequence if a language has no template for a channel. */
const WITHOUT = {
  sms: 'text messages are in another language than calls',
  voice: 'calls are in another language, or read the text message aloud',
} as const;

/** People who get messages in their language also expect calls in it, if such calls exist. */
function judgeLanguages({ settings }: Context): readonly Judgement[] {
  const variables = templateVariables(settings);
  const has = (channel: string, language: string | undefined) =>
    variables.some((one) => one.channel === channel && one.language === language);
  const other = { sms: 'voice', voice: 'sms' } as const;
  const own = variables.filter(({ language }) => language !== undefined);
  const lonely = own.filter(
    ({ channel, language }) =>
      !has(other[channel], language) && (channel === 'voice' || language === undefined || isSpoken(language)),
  );
  const shared = own.filter((one) =>
    own.some(({ id, channel, language }) => id === one.id && channel === one.channel && language !== one.language),
  );
  return orOk(
    [
      ...lonely.map(({ variable, channel, language }) =>
        warn(
          `${variable} is set, but ${templateVariable(other[channel], language)} is not: ${WITHOUT[other[channel]]}.`,
          'Set both, or neither.',
        ),
      ),
      ...(shared.length > 0
        ? [
            warn(
              `${shared.map(({ variable }) => variable).join(', ')} name the same template.`,
              'Give each language its own, or remove these variables.',
            ),
          ]
        : []),
    ],
    own.length > 0
      ? `Languages with their own templates: ${[...new Set(own.map(({ language }) => language))].join(', ')}.`
      : 'All languages share one template for each channel.',
  );
}

export const SENDER_CHECKS: readonly Check[] = [
  { check: 'sender', run: judgeSenders },
  { check: 'languages', run: judgeLanguages },
];
