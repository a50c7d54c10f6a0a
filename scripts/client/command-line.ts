import { readArguments, UsageError } from '@/scripts/command';
import { FRAMEWORKS, type Framework, isFramework } from './frameworks';

export const USAGE = `Usage: npm run client -- add --name NAME --redirect-uri ADDRESS [options]

Adds an application that may send people here to verify a number, and prints what to write in it.

  --name NAME             as people read it on the page
  --redirect-uri ADDRESS  where people come back to; may be given several times
  --id ID                 client_id; by default made from the name
  --public                for a program that can keep no secret, such as a mobile app
  --fixed                 the application names the number, as a second factor
  --country CODE          takes numbers of this country only; may be given several times
  --for FRAMEWORK         prints the lines for ${Object.keys(FRAMEWORKS).join(', ')}
  --file FILE             the list of clients; by default the file in OIDC_CLIENTS, else clients.json`;

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

/** @returns undefined where the usage was asked for. @throws {UsageError} */
export function readCommandLine(argv: readonly string[]): CommandLine | undefined {
  const [action, ...rest] = argv;
  if (action === '--help') return undefined;
  const fail = (why: string): never => {
    throw new UsageError(`${why}\n\n${USAGE}`);
  };
  if (action !== 'add') return fail('Say what to do: add.');
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
