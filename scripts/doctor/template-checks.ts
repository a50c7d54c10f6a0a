import { messageIdsOf } from '@/lib/config/message-templates';
import type { AccountResult, Template } from '@/lib/infobip/account';
import { boundHost, smsSize, withPin } from '@/lib/infobip/message-text';
import { nameOf } from '@/scripts/setup/templates';
import type { Check, Context } from './context';
import { fail, type Judgement, type Outcome, orOk, skipped, warn } from './finding';
import type { Settings } from './settings';
import { isSpoken, type TemplateVariable, templateVariable, templateVariables } from './template-variables';

/** A template, and its use. */
export interface Use {
  readonly id: string;
  readonly variables: readonly TemplateVariable[];
  readonly isText: boolean;
  /** Whether calls read it aloud, even if no variable for calls names it. */
  readonly isCall: boolean;
}

/** Every configured template, once. */
export function usesOf(settings: Partial<Settings>): readonly Use[] {
  const variables = templateVariables(settings);
  const { voice } = messageIdsOf({ ...settings, INFOBIP_2FA_MESSAGE_ID: settings.INFOBIP_2FA_MESSAGE_ID ?? '' });
  const spoken = new Set(Object.values(voice));
  return [...new Set(variables.map(({ id }) => id))].map((id) => {
    const own = variables.filter((one) => one.id === id);
    const isText = own.some(({ channel }) => channel === 'sms');
    return { id, variables: own, isText, isCall: spoken.has(id) || own.some(({ channel }) => channel === 'voice') };
  });
}

const namesOf = ({ variables }: Use) => variables.map(({ variable }) => variable).join(', ');

/** One check of a template. Returns undefined if it is fine. */
type Rule = (template: Template, use: Use, context: Context) => Judgement | readonly Judgement[] | undefined;

const judgePin: Rule = ({ messageText }, use) =>
  messageText.includes('{{pin}}')
    ? undefined
    : fail(`${namesOf(use)}: messageText lacks {{pin}}, so messages contain no code.`, 'Put {{pin}} into the text.');

const judgeLength: Rule = ({ pinLength }, use, { settings: { PIN_LENGTH: ours } }) => {
  if (ours === undefined) return skipped(`${namesOf(use)}: pinLength: PIN_LENGTH is not usable.`);
  if (pinLength === undefined || pinLength === ours) return undefined;
  return fail(
    `${namesOf(use)}: pinLength is ${pinLength}, and PIN_LENGTH is ${ours}.`,
    `Set pinLength of the template to ${ours}.`,
  );
};

const judgeType: Rule = ({ pinType = 'NUMERIC' }, use) =>
  pinType === 'NUMERIC'
    ? undefined
    : fail(`${namesOf(use)}: pinType is ${pinType}: people can only type digits.`, 'Set pinType to NUMERIC.');

const judgePlaceholders: Rule = ({ messageText }, use, { settings, isFaulty }) => {
  if (isFaulty('INFOBIP_PLACEHOLDERS')) return skipped(`${namesOf(use)}: INFOBIP_PLACEHOLDERS is not usable.`);
  const values = settings.INFOBIP_PLACEHOLDERS ?? {};
  const names = new Set([...messageText.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map(([, name = '']) => name));
  return [...names]
    .filter((name) => name !== 'pin' && !Object.hasOwn(values, name))
    .map((name) =>
      fail(
        `${namesOf(use)}: {{${name}}} in messageText has no value in INFOBIP_PLACEHOLDERS.`,
        `Add "${name}" to INFOBIP_PLACEHOLDERS, or remove {{${name}}} from the text.`,
      ),
    );
};

const judgeSize: Rule = ({ messageText, pinLength }, use, { settings }) => {
  if (!use.isText) return undefined;
  const values = Object.entries(settings.INFOBIP_PLACEHOLDERS ?? {});
  const filled = values.reduce((text, [name, value]) => text.replaceAll(`{{${name}}}`, value), messageText);
  const { encoding, length, segments } = smsSize(withPin(filled, pinLength ?? settings.PIN_LENGTH ?? 6));
  if (segments === 1) return undefined;
  return warn(
    `${namesOf(use)}: messageText has ${length} characters in ${encoding}, so you pay for ${segments} messages.`,
    'Make it shorter: 160 characters, or 70 with letters outside GSM-7.',
  );
};

const hostsOf = (origins: readonly string[]) => origins.map((origin) => new URL(origin).hostname);

const judgeBinding: Rule = ({ messageText }, use, { settings: { APP_ORIGIN: origins }, isFaulty }) => {
  const host = boundHost(messageText);
  if (host !== undefined && use.isCall)
    return warn(
      `${namesOf(use)}: calls would read the last line of messageText (@${host} …) aloud.`,
      `Create a template for calls without that line, and set ${templateVariable('voice')}.`,
    );
  if (!use.isText || isFaulty('APP_ORIGIN') || origins === undefined) return undefined;
  const example = `@${hostsOf(origins)[0] ?? 'verify.example.com'} #{{pin}}`;
  if (host === undefined)
    return warn(
      `${namesOf(use)}: messageText does not end with a line that binds the code to the page's host.`,
      `End it with the line ${example}, so that browsers fill in the code there, and nowhere else.`,
    );
  if (hostsOf(origins).includes(host)) return undefined;
  return origins.length === 0
    ? warn(`${namesOf(use)}: messageText binds the code to ${host}, and APP_ORIGIN is not set.`, 'Set APP_ORIGIN.')
    : fail(
        `${namesOf(use)}: messageText binds the code to ${host}, which is not in APP_ORIGIN.`,
        `End it with ${example}.`,
      );
};

/** Infobip speaks a call in the template's language, whatever the language of the text. */
const judgeLanguage: Rule = (template, { variables }) =>
  variables.flatMap(({ variable, channel, language }) => {
    if (channel !== 'voice' || language === undefined || language === template.language) return [];
    return isSpoken(language)
      ? warn(
          `${variable}: language of the template is ${template.language ?? 'not set'}, not ${language}.`,
          `Set language to ${language}.`,
        )
      : warn(
          `${variable}: Infobip's voices do not speak ${nameOf(language)}.`,
          'Remove it; calls then use another language.',
        );
  });

const RULES = [judgePin, judgeType, judgeLength, judgePlaceholders, judgeSize, judgeBinding, judgeLanguage];

function judgeTemplate(result: AccountResult<Template> | undefined, use: Use, context: Context): readonly Judgement[] {
  if (result?.kind === 'ok') return RULES.flatMap((rule) => rule(result.value, use, context) ?? []);
  if (result === undefined) return [skipped(`${namesOf(use)}: Infobip stopped answering.`)];
  if (result.status === 404)
    return [
      fail(
        `${namesOf(use)}: the application has no template ${use.id} (404).`,
        'Copy the id of a template of the application in INFOBIP_2FA_APP_ID.',
      ),
    ];
  const reason = result.status ?? result.errno ?? result.fault;
  return [fail(`${namesOf(use)}: the doctor could not read the template (${reason}).`, 'Try again in a moment.')];
}

async function judgeTemplates(context: Context): Promise<readonly Judgement[]> {
  const read: Outcome<ReadonlyMap<string, AccountResult<Template>>> = await context.infobip.templates();
  if ('skipped' in read) return [read.skipped];
  const uses = usesOf(context.settings);
  if (uses.length === 0) return [skipped('INFOBIP_2FA_MESSAGE_ID is not usable.')];
  return orOk(
    uses.flatMap((use) => judgeTemplate(read.value.get(use.id), use, context)),
    `The message templates fit (${uses.map(namesOf).join(', ')}).`,
  );
}

export const TEMPLATE_CHECK: Check = { check: 'templates', run: judgeTemplates };
