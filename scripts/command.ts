/** What the commands that people run share: how they end, and the options that npm takes away. */

/** Called wrongly, or an answer is missing: told as it is, with exit code 2. */
export class Misuse extends Error {}

/** Something is in the way, or could not be done: told as it is, with exit code 1. */
export class Failed extends Error {}

/** Ends a command that threw one of these. What else it threw is a bug, and is thrown on. */
export function endWith(error: unknown): void {
  if (!(error instanceof Misuse || error instanceof Failed)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}

/**
 * The first of the options that npm took for its own, as it does unless there is a `--` in front of them.
 * @param names without the dashes in front
 */
export const takenByNpm = (names: readonly string[], env: NodeJS.ProcessEnv = process.env): string | undefined =>
  names.find((name) => env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);
