import type { Account, AccountResult, Application } from '@/lib/infobip/account';
import { CommandError } from '@/scripts/command';
import { changesTo, findApplication } from './application';
import { describeTemplate } from './describe-plan';
import { reasonOf } from './failures';
import type { Plan, TemplateStep } from './plan';
import { differences } from './templates';

/** Sends one request to create something. If its answer is lost, the list shows whether Infobip carried it out. */
async function createOnce<T>(
  create: () => Promise<AccountResult<T>>,
  list: () => Promise<AccountResult<T[]>>,
  isIt: (one: T) => boolean,
): Promise<AccountResult<T>> {
  const result = await create();
  if (result.kind === 'ok' || !result.maybeDone) return result;
  const all = await list();
  const [found, ...others] = all.kind === 'ok' ? all.value.filter(isIt) : [];
  return found && others.length === 0 ? { kind: 'ok', value: found, date: undefined } : result;
}

function requireDone<T>(what: string, result: AccountResult<T>): T {
  if (result.kind === 'ok') return result.value;
  const doubt = result.maybeDone ? ' It may have happened all the same.' : '';
  throw new CommandError(
    `${what}: the request to Infobip failed: ${reasonOf(result)}${doubt}
What exists at Infobip so far stays; the env file is unchanged. Run the same command again: it continues from here.`,
  );
}

function makeApplication(account: Account, { application: { name, settings, found } }: Plan) {
  if (found) return account.updateApplication(found.id, name, found.enabled, settings);
  return createOnce<Application>(
    () => account.createApplication(name, settings),
    () => account.listApplications(),
    (one) => one.name === name,
  );
}

/** An application that did not keep its settings is not safe to use. */
function requireSettings(application: Application, { application: { settings } }: Plan): void {
  const [refused] = changesTo(application, settings);
  if (refused)
    throw new CommandError(
      `Application "${application.name}" (${application.applicationId}): Infobip keeps ${refused.setting} at ${refused.from} instead of ${refused.to}.`,
    );
}

/**
 * Fails if another run has created an application with this name at the same time. Later, this run could not tell which
 * one is its own.
 */
async function requireOnlyOne(account: Account, name: string): Promise<void> {
  findApplication(requireDone('The list of applications', await account.listApplications()), name, undefined);
}

async function provideApplication(account: Account, plan: Plan, say: (line: string) => void): Promise<string> {
  const { name, found } = plan.application;
  if (found?.changes.length === 0) return found.id;
  const application = requireDone(`Application "${name}"`, await makeApplication(account, plan));
  requireSettings(application, plan);
  say(`${found ? 'Changed' : 'Created'} application "${name}": ${application.applicationId}`);
  if (!found) await requireOnlyOne(account, name);
  return application.applicationId;
}

async function provideTemplate(
  account: Account,
  appId: string,
  { wanted, found }: TemplateStep,
  say: (line: string) => void,
): Promise<string> {
  if (found?.differences.length === 0) return found.id;
  const result = found
    ? await account.updateTemplate(appId, found.id, wanted.fields)
    : await createOnce(
        () => account.createTemplate(appId, wanted.fields),
        () => account.listTemplates(appId),
        (one) => differences(one, wanted).length === 0,
      );
  const { messageId } = requireDone(describeTemplate(wanted), result);
  say(`${found ? 'Changed' : 'Created'} ${describeTemplate(wanted)}: ${messageId}`);
  return messageId;
}

/**
 * Creates and changes at Infobip what the plan says, one step after the other.
 * @param say prints what was done
 * @returns every variable of the env file with its value
 * @throws {CommandError} at the first failure
 */
export async function applyPlan(
  account: Account,
  plan: Plan,
  say: (line: string) => void,
): Promise<Readonly<Record<string, string>>> {
  const appId = await provideApplication(account, plan, say);
  const ids: Record<string, string> = { INFOBIP_2FA_APP_ID: appId };
  for (const step of plan.templates) {
    const id = await provideTemplate(account, appId, step, say);
    for (const name of step.variables) ids[name] = id;
  }
  return { ...plan.variables, ...ids };
}
