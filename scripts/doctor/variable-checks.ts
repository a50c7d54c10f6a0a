import { VARIABLES } from '@/lib/config/environment';
import packageJson from '@/package.json';
import type { Check, Context } from './context';
import { fail, type Judgement, ok, orOk, warn } from './finding';
import { isOurs, nearest, nearestAmongOthers } from './near-miss';

const KNOWN: ReadonlySet<string> = new Set(VARIABLES);

/** The numbers in `>=20.18.1` and `20.20.2`. */
const numbersOf = (version: string) =>
  version
    .replace(/[^\d.]/g, '')
    .split('.')
    .map(Number);

function isAtLeast(version: string, least: string): boolean {
  const ours = numbersOf(version);
  const difference = numbersOf(least)
    .map((number, i) => (ours[i] ?? 0) - number)
    .find((one) => one !== 0);
  return (difference ?? 0) >= 0;
}

/** @param version as in `process.versions.node` */
export function judgeNode(version: string): Judgement {
  const needed = packageJson.engines.node;
  return isAtLeast(version, needed)
    ? ok(`Node.js ${version}.`)
    : fail(`Node.js ${version} is too old: ${needed} is needed.`, 'Install a newer Node.js.');
}

/** Next replaces `$NAME` with the variable's value, unless a backslash comes before it. */
const EXPANDED = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=.*(?<!\\)\$[A-Za-z_{]/gm;

function judgeFiles({ files, expands }: Context): readonly Judgement[] {
  const names = files.map(({ name }) => name).join(', ');
  const open = files.filter(({ readableByAll }) => readableByAll);
  const expanded = (expands ? files : []).flatMap(({ name, contents }) =>
    [...contents.matchAll(EXPANDED)].map(([, variable = '']) => ({ name, variable })),
  );
  const withPort = (expands ? files : []).filter(({ contents }) => /^\s*PORT\s*=/m.test(contents));
  return orOk(
    [
      ...withPort.map(({ name }) =>
        warn(`PORT in ${name} has no effect on npm start.`, 'Set it in the environment: PORT=8080 npm start'),
      ),
      ...open.map(({ name }) => warn(`Everybody on this machine can read ${name}.`, `chmod 600 ${name}`)),
      ...expanded
        .filter(({ variable }) => KNOWN.has(variable))
        .map(({ name, variable }) =>
          warn(
            `${variable} contains a $ in ${name}, which Next replaces with the value of another variable.`,
            'If the $ is part of the value, write \\$.',
          ),
        ),
    ],
    names ? `Read ${names}, after the environment.` : 'There are no env files; only the environment counts.',
  );
}

/** Splits a fault into the finding and the remedy. */
function judgeFault(fault: string): Judgement {
  const [, finding = fault, remedy = ''] = /^(.*?[.])\s+([A-Z].*)$/.exec(fault) ?? [];
  const [variable] = fault.split(' ');
  return fail(finding, remedy || `See ${variable} in .env.example.`);
}

/** A placeholder in an optional variable: the server treats it as unset, and says nothing. */
const leftIn = ({ env, given, faults }: Context) =>
  VARIABLES.filter(
    (name) => env[name]?.trim() && !(name in given) && !faults.some((fault) => fault.startsWith(`${name} `)),
  );

/** Variables that nothing reads: any in env files, and those in the environment that seem meant for this project. */
function unread({ env, files, given }: Context): readonly string[] {
  const inFiles = files.flatMap(({ contents }) =>
    [...contents.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)].map(([, name = '']) => name),
  );
  const isMeantForUs = (name: string) => {
    const meant = nearestAmongOthers(name);
    return isOurs(name) || (meant !== undefined && given[meant] === undefined);
  };
  const inEnvironment = Object.keys(env).filter((name) => !KNOWN.has(name) && isMeantForUs(name));
  return [...new Set([...inEnvironment, ...inFiles])].filter((name) => !KNOWN.has(name));
}

function judgeUnread(name: string): readonly Judgement[] {
  const meant = nearest(name);
  if (meant) return [warn(`Nothing reads ${name}. Did you mean ${meant}?`, `Rename it to ${meant}.`)];
  return isOurs(name) ? [warn(`Nothing reads ${name}.`, 'Remove it; .env.example names every variable.')] : [];
}

function judgeVariables(context: Context): readonly Judgement[] {
  return orOk(
    [
      ...context.faults.map(judgeFault),
      ...leftIn(context).map((name) =>
        warn(`${name} is still a placeholder, and counts as not set.`, 'Set it, or remove it.'),
      ),
      ...unread(context).flatMap(judgeUnread),
    ],
    'Every variable is valid.',
  );
}

export const VARIABLE_CHECKS: readonly Check[] = [
  { check: 'node-version', run: () => [judgeNode(process.versions.node)] },
  { check: 'env-files', run: judgeFiles },
  { check: 'variables', run: judgeVariables },
];
