/** Shared by the commands that people run: how they end, read options, and notice options that npm took. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The call is wrong, or an answer is missing. The command prints the message and exits with 2. */
export class UsageError extends Error {}

/** The command can't continue, or one of its steps failed. It prints the message and exits with 1. */
export class CommandError extends Error {}

/** Ends a command that threw one of these. Any other error is a bug, so this throws it again. */
export function endWith(error: unknown): void {
  if (!(error instanceof UsageError || error instanceof CommandError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/**
 * The first of the options that npm took as its own, as it does unless `--` comes before them.
 * @param names without the dashes
 */
export const takenByNpm = (names: readonly string[], env: NodeJS.ProcessEnv = process.env): string | undefined =>
  names.find((name) => env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);

type OptionTypes = NonNullable<ParseArgsConfig['options']>;

/** People also set `--yes` for npm itself. If npm takes it, the command asks for a confirmation, which does no harm. */
const OF_NPM_TOO = 'yes';

/** The first option that npm took as its own, leaving at most its value to the command. */
function lostToNpm(args: readonly string[], options: OptionTypes, env: NodeJS.ProcessEnv): string | undefined {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given = ['help', OF_NPM_TOO, ...tokens.map((token) => (token.kind === 'option' ? token.name : ''))];
  return takenByNpm(
    Object.keys(options).filter((name) => !given.includes(name)),
    env,
  );
}

/**
 * Node's message names the option, but its hints are about other programs. An extra word may be a secret or a number.
 */
function usageErrorOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
    return 'There is one argument too many. It is not shown here, in case it is secret. Options begin with --.';
  return `${message.split(/\.\s/)[0]}.`;
}

/**
 * Reads a command's options.
 * @param name of its npm script
 * @throws {UsageError} repeating the names of options, and nothing else from the command line
 */
export function readArguments<T extends OptionTypes>(
  args: readonly string[],
  options: T,
  { name, usage }: { readonly name: string; readonly usage: string },
  env: NodeJS.ProcessEnv = process.env,
) {
  const lost = lostToNpm(args, options, env);
  if (lost !== undefined)
    throw new UsageError(`npm took --${lost} as its own. Put -- before the options: npm run ${name} -- --${lost} …`);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${usageErrorOf(error)}\n\n${usage}`);
  }
}
