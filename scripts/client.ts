/** `npm run client -- add`: adds an application to OIDC_CLIENTS, and prints the settings and code to put into it. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { loadEnvConfig } from '@next/env';
import { openIdClients } from '@/lib/config/openid-clients';
import { type CommandLine, readCommandLine, USAGE } from './client/command-line';
import { FRAMEWORKS, linesFor } from './client/frameworks';
import { CommandError, endWith } from './command';

/** 256 bits. */
const SECRET_BYTES = 32;

const idFrom = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'app';

const isList = (text: string | undefined): boolean => text?.trimStart().startsWith('[') ?? false;

/** The file with the list. If the variable itself contains the list, this command cannot change it. */
function fileFor({ file }: CommandLine, variable: string | undefined): string {
  if (file !== undefined) return file;
  if (isList(variable))
    throw new CommandError('OIDC_CLIENTS contains the list itself. Move the list to a file, or pass --file.');
  return variable || 'clients.json';
}

function rowFor(line: CommandLine, secret: string | undefined) {
  const { name, redirectUris, id, isFixed, countries } = line;
  return {
    client_id: id ?? idFrom(name),
    ...(secret !== undefined && { client_secret: secret }),
    client_name: name,
    redirect_uris: redirectUris,
    ...(isFixed && { number: 'fixed' }),
    ...(countries.length > 0 && { countries }),
  };
}

/** Checks the whole list as the server does, before anything is written. */
function assertValid(json: string): void {
  const { error } = openIdClients.safeParse(json);
  if (error) throw new CommandError(`The list ${error.issues[0]?.message} Nothing was changed.`);
}

function readList(file: string): unknown[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  assertValid(text);
  return JSON.parse(text) as unknown[];
}

/** Writes the list so that other users of this machine cannot read it. After a crash, the old list is still whole. */
function write(file: string, json: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, json, { mode: 0o600 });
  renameSync(draft, file);
}

/** The issuer that the server derives from the same variables. */
function issuerOf({ APP_ORIGIN = 'http://localhost:3000', BASE_PATH = '' }: NodeJS.ProcessEnv): string {
  const [first = ''] = APP_ORIGIN.split(',');
  return (URL.canParse(first) ? new URL(first).origin : first) + BASE_PATH.trim();
}

function add(line: CommandLine): string {
  loadEnvConfig(process.cwd(), false, { info: () => undefined, error: () => undefined });
  const file = fileFor(line, process.env.OIDC_CLIENTS);
  const secret = line.isPublic ? undefined : randomBytes(SECRET_BYTES).toString('base64url');
  const row = rowFor(line, secret);
  const json = `${JSON.stringify([...readList(file), row], null, 2)}\n`;
  assertValid(json);
  write(file, json);
  const issuer = issuerOf(process.env);
  return [
    `Added ${line.name} to ${file}. Set OIDC_CLIENTS=${file} and restart the server.`,
    '',
    'Settings for the application:',
    `  issuer              ${issuer}`,
    `  client_id           ${row.client_id}`,
    ...(secret === undefined ? [] : [`  PHONE_CLIENT_SECRET ${secret}`]),
    ...(line.framework === undefined
      ? []
      : [
          '',
          `${FRAMEWORKS[line.framework].title}:`,
          '',
          linesFor(line.framework, { id: row.client_id, issuer, callback: line.redirectUris[0] ?? '' }),
        ]),
  ].join('\n');
}

async function main(argv: readonly string[]): Promise<void> {
  const line = readCommandLine(argv);
  process.stdout.write(`${line ? add(line) : USAGE}\n`);
}

main(process.argv.slice(2)).catch(endWith);
