import { existsSync } from 'node:fs';
import { present } from '@/lib/config/environment';

/** The variables of a command, from the environment and from `.env.local`, without blanks and placeholders. */
export function surroundings(): Readonly<Record<string, string>> {
  if (existsSync('.env.local')) process.loadEnvFile('.env.local');
  return present(process.env);
}
