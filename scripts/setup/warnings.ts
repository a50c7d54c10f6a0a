import type { Config } from '@/lib/config/config';
import { VARIABLES } from '@/lib/config/environment';
import { CHANNEL_VARIABLES, TEMPLATE_VARIABLES } from '@/lib/config/message-templates';
import { printable } from './application';
import { idVariables } from './describe-plan';
import type { Plan } from './plan';
import { shortcomings } from './templates';

const ALL_TEMPLATES: readonly string[] = [...Object.values(CHANNEL_VARIABLES), ...TEMPLATE_VARIABLES];

/** Templates that the env file names but that this run does not touch. */
function leftovers({ templates }: Plan, file: Readonly<Record<string, string>>): string[] {
  const covered = templates.flatMap(({ variables }) => variables);
  const left = ALL_TEMPLATES.filter((name) => file[name] !== undefined && !covered.includes(name));
  return left.map((name) => `${name} stays as it is, unchecked. Add its language to --languages, or remove the line.`);
}

/** A disabled application stays disabled: somebody may have stopped it on purpose. */
const disabled = ({ application: { name, found } }: Plan): string[] =>
  found && !found.enabled
    ? [`Application "${name}" is disabled at Infobip: no codes are sent. Enable it in the portal.`]
    : [];

/** NIST SP 800-63B-4, §3.1.3.2 (six digits), and this project's advice of at most five attempts. */
function weaknesses({ pin }: Config): string[] {
  return [
    ...(pin.length < 6 ? [`PIN_LENGTH is ${pin.length}: codes of fewer than six digits are easy to guess.`] : []),
    ...(pin.maxAttempts > 5
      ? [`MAX_PIN_ATTEMPTS is ${pin.maxAttempts}: more than five tries make guessing easier.`]
      : []),
  ];
}

/** Warns about variables of this shell: they win over env files, in Next as in Node. PORT is never in a file. */
function shadowed(plan: Plan, file: Readonly<Record<string, string>>): string[] {
  const written: Record<string, string | undefined> = { ...file, ...plan.variables, ...idVariables(plan) };
  const set = VARIABLES.filter((name) => name !== 'PORT' && process.env[name] !== undefined);
  const others = set.filter((name) => name in written && process.env[name]?.trim() !== written[name]);
  const here = set.filter((name) => !(name in written) && process.env[name]?.trim());
  return [
    ...others.map((name) => `${name} is also set in this shell. An app that starts here uses that value.`),
    ...(here.length > 0
      ? [`Set only in this shell, so apps that start elsewhere do not have it: ${here.join(', ')}.`]
      : []),
  ];
}

/** Warns if the env file named another application, whose templates and servers stay unchanged. */
function replaced({ application: { all, found } }: Plan, file: Readonly<Record<string, string>>): string[] {
  const id = file.INFOBIP_2FA_APP_ID;
  if (id === undefined || id === found?.id) return [];
  const name = all.find(({ applicationId }) => applicationId === id)?.name;
  const which =
    name === undefined
      ? 'which this account does not have'
      : `"${printable(name)}". To continue with that one, give its name with --name`;
  return [`The env file has the ids of another application (${printable(id)}), ${which}.`];
}

function unboundOrigins({ appOrigins: [first, ...others] }: Config): string[] {
  if (others.length === 0 || first === undefined) return [];
  return [`A message binds its code to one page, here ${first}. On ${others.join(', ')} phones will not fill it in.`];
}

/** Warnings: settings that work, but could be better. */
export const warningsAbout = (plan: Plan, config: Config, file: Readonly<Record<string, string>>): string[] => [
  ...replaced(plan, file),
  ...disabled(plan),
  ...shortcomings(
    plan.templates.map(({ wanted }) => wanted),
    config.brand.name,
  ),
  ...unboundOrigins(config),
  ...weaknesses(config),
  ...leftovers(plan, file),
  ...shadowed(plan, file),
];
