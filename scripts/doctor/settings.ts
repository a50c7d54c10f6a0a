import type { z } from 'zod';
import { ConfigError, loadConfig } from '@/lib/config/config';
import { environment, VARIABLES } from '@/lib/config/environment';

/** The value of each variable, as the server reads it. */
export type Settings = z.infer<typeof environment>;

/** The faults, as the server would report them on startup: each begins with its variable. */
export function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

/**
 * The usable variables, defaults included. Each counts on its own, whatever else is wrong.
 * @param given without blanks and placeholders
 * @param faulty the variables to leave out
 */
export function settingsOf(
  given: Readonly<Record<string, string>>,
  faulty: ReadonlySet<string | undefined>,
): Partial<Settings> {
  const usable = VARIABLES.flatMap((name) => {
    const { data } = environment.shape[name].safeParse(given[name]);
    return data === undefined || faulty.has(name) ? [] : [[name, data] as const];
  });
  return Object.fromEntries(usable) as Partial<Settings>;
}
