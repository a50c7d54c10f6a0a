import type { Config } from '@/lib/config/config';
import { CHANNEL_VARIABLES, variableOf } from '@/lib/config/message-templates';
import type { Account, AccountResult, Application, ApplicationConfiguration, Template } from '@/lib/infobip/account';
import { applicationSettings } from '@/lib/infobip/application-settings';
import { CommandError } from '@/scripts/command';
import type { Answers } from './answers';
import { type Change, changesTo, findApplication, settingsFor } from './application';
import { reasonOf } from './failures';
import { differences, isOwnText, type WantedTemplate, wantedTemplates } from './templates';

/** The plan for a template. */
export interface TemplateStep {
  readonly wanted: WantedTemplate;
  /** The variables that name it. */
  readonly variables: readonly string[];
  /** The existing template, and the fields that differ; undefined if the command creates one. */
  readonly found: { readonly id: string; readonly differences: readonly string[] } | undefined;
}

export interface Plan {
  readonly application: {
    readonly name: string;
    readonly settings: ApplicationConfiguration;
    /** All applications of the account. */
    readonly all: readonly Application[];
    /** Undefined if the command creates one. */
    readonly found: { readonly id: string; readonly enabled: boolean; readonly changes: readonly Change[] } | undefined;
  };
  readonly templates: readonly TemplateStep[];
  /** Variables whose values are known before anything is created. */
  readonly variables: Readonly<Record<string, string>>;
}

const NO_SENDING = 'The API key may not send codes: it lacks the scope 2fa:pin:send.';
const NO_MANAGING = `The API key can send codes, but may not create applications and templates. For the app that is the right kind of key, but
this command needs one that also has the scope 2fa:manage. Give one with --api-key-file.`;

/** @param forbidden what a 403 means */
function demand<T>(what: string, result: AccountResult<T>, forbidden: string): T {
  if (result.kind === 'ok') return result.value;
  throw new CommandError(result.status === 403 ? forbidden : `Infobip ${what}: ${reasonOf(result)}`);
}

/** @throws {CommandError} if the key may not send codes, or Infobip does not answer */
export const demandKey = async (account: Account): Promise<unknown> =>
  demand('is not usable', await account.probeKey(), NO_SENDING);

/** The variables that name a template: its language's and, for the first of a channel, the one for all languages. */
function variablesOf(
  wanted: WantedTemplate,
  all: readonly WantedTemplate[],
  languages: Answers['languages'],
): string[] {
  const { channel, language } = wanted;
  const isFirst = all.find((one) => one.channel === channel) === wanted;
  return [
    ...(isFirst ? [CHANNEL_VARIABLES[channel]] : []),
    ...(languages.includes(language) ? [variableOf(channel, language)] : []),
  ];
}

/**
 * Plans what happens to a template. The command uses one that matches, whoever created it. If none does, it changes the
 * one that a variable names, if its text is ours. All others may belong to another server, and stay.
 */
function stepFor(
  wanted: WantedTemplate,
  variables: readonly string[],
  existing: readonly Template[],
  known: Readonly<Record<string, string>>,
): TemplateStep {
  const ids = variables.map((name) => known[name]);
  const isNamed = ({ messageId }: Template) => ids.includes(messageId);
  const fitting = existing.filter((template) => differences(template, wanted).length === 0);
  const found =
    fitting.find(isNamed) ??
    fitting[0] ??
    existing.find((template) => isNamed(template) && isOwnText(template.messageText, wanted));
  return { wanted, variables, found: found && { id: found.messageId, differences: differences(found, wanted) } };
}

async function templatesOf(account: Account, application: Application | undefined): Promise<Template[]> {
  if (!application) return [];
  return demand('did not list the templates', await account.listTemplates(application.applicationId), NO_MANAGING);
}

/**
 * Compares what is at Infobip with what the app needs. Changes nothing.
 * @throws {CommandError}
 */
export async function makePlan(
  account: Account,
  answers: Answers,
  known: Readonly<Record<string, string>>,
  config: Config,
  own: Readonly<Record<string, string>>,
): Promise<Plan> {
  const applications = demand('did not list the applications', await account.listApplications(), NO_MANAGING);
  const application = findApplication(applications, answers.name, known.INFOBIP_2FA_APP_ID);
  const settings = settingsFor(application, applicationSettings(config));
  const existing = await templatesOf(account, application);
  const occasion = {
    origin: config.appOrigins[0] ?? '',
    ttlSeconds: config.pin.ttlSeconds,
    pinLength: config.pin.length,
    brand: config.brand.name,
  };
  const wanted = wantedTemplates(answers.languages, occasion);
  return {
    application: {
      name: answers.name,
      settings,
      all: applications,
      found: application && {
        id: application.applicationId,
        enabled: application.enabled,
        changes: changesTo(application, settings),
      },
    },
    templates: wanted.map((one) => stepFor(one, variablesOf(one, wanted, answers.languages), existing, known)),
    variables: own,
  };
}
