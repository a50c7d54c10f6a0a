/** What the commands that people run share: how they end, their options, and those that npm takes away. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Called wrongly, or an answer is missing: told as it is, with exit code 2. */
export class UsageError extends Error {}

/** Something is in the way, or could not be done: told as it is, with exit code 1. */
export class CommandError extends Error {}

/** Ends a command that threw one of these. What else it threw is a bug, and is thrown on. */
export function endWith(error: unknown): void {
  if (!(error instanceof UsageError || error instanceof CommandError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/**
 * The first of the options that npm took for its own, as it does unless there is a `--` in front of them.
 * @param names without the dashes in front
 */
export const takenByNpm = (names: readonly string[], env: NodeJS.ProcessEnv = process.env): string | undefined =>
  names.find((name) => env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);

type OptionTypes = NonNullable<ParseArgsConfig['options']>;

/** People set this one for npm itself; without it a command asks, which does no harm. */
const OF_NPM_TOO = 'yes';

/** The first option that npm took for its own, and left only its value, if any, to the command. */
function lostToNpm(args: readonly string[], options: OptionTypes, env: NodeJS.ProcessEnv): string | undefined {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = ['help', OF_NPM_TOO, ...tokens.map((token) => (token.kind === 'option' ? token.name : ''))];
  return takenByNpm(
    Object.keys(options).filter((name) => !given.includes(name)),
    env,
  );
}

/** Node's words tell the option; its hints after them are about other programs. A word too many may be a secret, or a number. */
function usageErrorOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
    return 'There is a word too many, which is not shown here. Options begin with --.';
  return `${message.split(/\.\s/)[0]}.`;
}

/**
 * Reads a command's options.
 * @param name of its npm script
 * @throws {UsageError} which repeats names of options, and nothing else that was given
 */
export function readArguments<T extends OptionTypes>(
  args: readonly string[],
  options: T,
  { name, usage }: { readonly name: string; readonly usage: string },
  env: NodeJS.ProcessEnv = process.env,
) {
  const lost = lostToNpm(args, options, env);
  if (lost !== undefined)
    throw new UsageError(
      `npm took --${lost} for its own. Put -- in front of the options: npm run ${name} -- --${lost} …`,
    );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${usageErrorOf(error)}\n\n${usage}`);
  }
}
