import { spawnSync } from 'node:child_process';

/**
 * Runs one of `scripts/` as its npm script does, with nothing but these variables.
 * @param cwd the tree it belongs to
 */
export const runScript = (
  name: string,
  words: readonly string[],
  environment: Record<string, string> = {},
  cwd = process.cwd(),
) =>
  spawnSync(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, ...words], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...environment } as unknown as NodeJS.ProcessEnv,
  });
