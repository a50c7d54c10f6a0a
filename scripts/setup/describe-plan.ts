import { SECRET_VARIABLES } from '@/lib/config/documentation';
import { printable } from './application';
import type { EnvFile } from './env-file';
import { readVariables } from './env-lines';
import type { Plan, TemplateStep } from './plan';
import { nameOf, type WantedTemplate } from './templates';

const CHANNELS = { sms: 'SMS', voice: 'Call' } as const;

export const describeTemplate = ({ channel, language }: WantedTemplate): string =>
  `${CHANNELS[channel]} template, ${nameOf(language)}`;

function describeApplication({ application: { name, settings, found } }: Plan): string[] {
  const title = `Application "${name}"`;
  if (!found) return [`${title}: create`, ...Object.entries(settings).map(([key, value]) => `    ${key} ${value}`)];
  const id = found.enabled ? found.id : `${found.id}, which stays disabled`;
  if (found.changes.length === 0) return [`${title}: use ${id}`];
  const changes = found.changes.map(({ setting, from, to }) => `    ${setting} from ${from} to ${to}`);
  return [`${title}: change ${id}`, ...changes];
}

function describeStep({ wanted, found }: TemplateStep): string[] {
  const title = describeTemplate(wanted);
  if (found?.differences.length === 0) return [`${title}: use ${found.id}`];
  const text = wanted.fields.messageText.split('\n').map((line) => `    ${line}`);
  return found
    ? [`${title}: change ${found.differences.join(', ')} of ${found.id}`, ...text]
    : [`${title}: create`, ...text];
}

/** The variables that hold ids at Infobip; undefined for what is still to be created. */
export function idVariables({ application, templates }: Plan): Record<string, string | undefined> {
  const named = templates.flatMap(({ variables, found }) => variables.map((name) => [name, found?.id] as const));
  return { INFOBIP_2FA_APP_ID: application.found?.id, ...Object.fromEntries(named) };
}

/** The variables whose lines change. */
function changedVariables(plan: Plan, file: Readonly<Record<string, string>>): string[] {
  const ids = idVariables(plan);
  const values: Record<string, string | undefined> = { ...plan.variables, ...ids };
  const changed = Object.entries(values).filter(([name, value]) => value === undefined || file[name] !== value);
  return changed.map(([name, value]) => {
    const shown = SECRET_VARIABLES.includes(name) ? '(not shown)' : (value ?? '(its id)');
    if (file[name] === undefined) return `    add ${name} ${shown}`;
    return Object.hasOwn(ids, name) && file[name] !== ''
      ? `    set ${name} from ${printable(file[name])} to ${shown}`
      : `    set ${name} ${shown}`;
  });
}

function describeFile(plan: Plan, { name, text, isOpen }: EnvFile): string[] {
  const changes = changedVariables(plan, readVariables(text));
  const mode = isOpen ? ['    so that only its owner may read it (mode 600)'] : [];
  if (changes.length + mode.length === 0) return [`${name}: stays unchanged`];
  return [`${name}: ${text === '' ? 'write' : 'change'}`, ...changes, ...mode];
}

/** Whether there is nothing to do, at Infobip and in the env file. */
export function isDone(plan: Plan, file: EnvFile): boolean {
  const steps = [plan.application.found?.changes, ...plan.templates.map(({ found }) => found?.differences)];
  const isSame = changedVariables(plan, readVariables(file.text)).length === 0;
  return steps.every((differences) => differences?.length === 0) && isSame && !file.isOpen;
}

/** The planned changes, for a person to agree to. Holds no secret. */
export const describePlan = (plan: Plan, file: EnvFile): string =>
  [...describeApplication(plan), ...plan.templates.flatMap(describeStep), ...describeFile(plan, file)].join('\n');
