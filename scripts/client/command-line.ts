import { readArguments, UsageError } from '@/scripts/command';
import { FRAMEWORKS, type Framework, isFramework } from './frameworks';

export const USAGE = `Usage: npm run client -- add --name NAME --redirect-uri ADDRESS [options]

Adds an application that may send people here to verify a number, and prints the settings and code to put into it.

  --name NAME             the name that people see on the page
  --redirect-uri ADDRESS  where people return to; repeat for several
  --id ID                 the client_id; by default derived from the name
  --public                for a program that can't keep a secret, such as a mobile app
  --fixed                 the application names the number, as a second factor
  --country CODE          accept numbers of this country only; repeat for several
  --for FRAMEWORK         print code for ${Object.keys(FRAMEWORKS).join(', ')}
  --file FILE             the list of clients; by default the file in OIDC_CLIENTS, or clients.json`;

export interface CommandLine {
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly id: string | undefined;
  readonly isPublic: boolean;
  readonly isFixed: boolean;
  readonly countries: readonly string[];
  readonly framework: Framework | undefined;
  readonly file: string | undefined;
}

const OPTIONS = {
  name: { type: 'string' },
  'redirect-uri': { type: 'string', multiple: true },
  id: { type: 'string' },
  public: { type: 'boolean' },
  fixed: { type: 'boolean' },
  country: { type: 'string', multiple: true },
  for: { type: 'string' },
  file: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** @returns undefined if the caller asks for help. @throws {UsageError} */
export function readCommandLine(argv: readonly string[]): CommandLine | undefined {
  const [action, ...rest] = argv;
  if (action === '--help') return undefined;
  const fail = (why: string): never => {
    throw new UsageError(`${why}\n\n${USAGE}`);
  };
  if (action !== 'add') return fail('The action is missing or unknown. The only one is add.');
  const values = readArguments(rest, OPTIONS, { name: 'client -- add', usage: USAGE });
  if (values.help) return undefined;
  const { name, for: framework } = values;
  if (!name) return fail('--name is missing.');
  const { 'redirect-uri': redirectUris, country: countries = [] } = values;
  if (!redirectUris) return fail('--redirect-uri is missing.');
  if (framework !== undefined && !isFramework(framework)) return fail(`--for ${framework} is unknown.`);
  return {
    name,
    redirectUris,
    id: values.id,
    isPublic: values.public ?? false,
    isFixed: values.fixed ?? false,
    countries,
    framework,
    file: values.file,
  };
}
