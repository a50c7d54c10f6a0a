import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { isFactorsOn } from '@/lib/config/environment';
import { SCHEMA_VERSION } from '@/lib/store/sql/migrations';
import { DATABASE_FILE, FILE_MODE, FOLDER_MODE } from '@/lib/store/sql/sqlite';
import type { Check, Context } from './context';
import type { DatabaseFacts } from './database';
import { fail, type Judgement, ok, orOk, skipped, warn } from './finding';

/** The meaning of each fault, and the remedy. */
const FAULTS: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ['no server listens there', 'Start PostgreSQL, or correct host and port.'],
  ENOTFOUND: ['no host has that name', 'Correct the host.'],
  EAI_AGAIN: ['its name cannot be resolved', "Correct the host, or fix this machine's DNS."],
  TIMEOUT: ['it does not answer in time', 'Check the firewall, the load, and how many connections it allows.'],
  CONNECTION_LOST: ['it closes the connection', 'Check sslmode: PostgreSQL may require TLS.'],
  TLS: ['it does not speak TLS', 'Switch on TLS in PostgreSQL, or use sslmode=disable on a private network.'],
  '28P01': ['it refuses the password', 'Correct it; special characters must be percent-encoded.'],
  '28000': ['it refuses the user, or the connection', "Correct the user, or PostgreSQL's pg_hba.conf."],
  '3D000': ['it has no database of that name', 'Create it: createdb -O USER NAME'],
  '42501': ['its user lacks a permission', 'Let the user own the database.'],
  '25006': ['it is a read-only replica', 'Point DATABASE_URL to the primary.'],
  '53300': ['it has no connection left', 'Raise max_connections: each instance uses up to ten.'],
  SQLITE_BUSY: ['another process has locked the file', 'Find the process: fuser FILE'],
  SQLITE_NOTADB: ['the file is not a database', 'Move it away, or restore it from a backup.'],
  SQLITE_CORRUPT: ['the file is damaged', 'Restore it from a backup.'],
  SQLITE_FULL: ['the disk is full', 'Make room on it.'],
  SQLITE_READONLY: ['the file is read-only', 'Let the user that runs the server write to the folder and its files.'],
  SQLITE_CANTOPEN: ['it cannot be opened', 'Let the user that runs the server write to the folder and its files.'],
  EACCES: ['this user may not read and write the file', 'Run the doctor as the user that runs the server.'],
};

const OTHER_FAULT = ['it does not answer as expected', 'Correct it, and look at the log of the database.'] as const;

/** Says what keeps the doctor from looking at the database of factors: factors are off, or a setting is unusable. */
function unusable({ given, isFaulty }: Context): Judgement | undefined {
  if (!isFactorsOn(given)) {
    const reason = given.FACTORS === 'off' ? 'FACTORS is off' : 'neither DATA_DIR nor DATABASE_URL is set';
    return skipped(`There are no passkeys or authenticator apps: ${reason}.`);
  }
  for (const name of ['FACTORS', 'DATABASE_URL', 'DATA_DIR', 'PRIVACY_KEY'] as const)
    if (isFaulty(name)) return skipped(`${name} is not usable: see variables.`);
  return undefined;
}

const nameOf = ({ settings: { DATABASE_URL: url, DATA_DIR: folder } }: Context) =>
  url === undefined ? `The database in DATA_DIR (${folder})` : `PostgreSQL at DATABASE_URL (${new URL(url).host})`;

/** Says whether the server can create its folder: it must be able to write to the nearest parent folder that exists. */
function judgeAbsent(folder: string): readonly Judgement[] {
  let place = path.resolve(folder);
  while (!existsSync(place)) place = path.dirname(place);
  try {
    accessSync(place, constants.W_OK);
    return [ok(`The server will create its database in DATA_DIR (${folder}).`)];
  } catch {
    return [
      fail(
        `This user may not create a database in DATA_DIR (${folder}).`,
        'Let the user that runs the server write there. If that is another user, run the doctor as that one.',
      ),
    ];
  }
}

/** Only the server's user should open these files: they hold names of factors, times and public keys in the clear. */
function judgeModes(folder: string): readonly Judgement[] {
  const names = [
    ['', FOLDER_MODE] as const,
    ...['', '-wal', '-shm'].map((end) => [DATABASE_FILE + end, FILE_MODE] as const),
  ];
  return names
    .map(([name, mode]) => ({ file: path.join(folder, name), mode }))
    .filter(({ file, mode }) => existsSync(file) && (statSync(file).mode & 0o777 & ~mode) !== 0)
    .map(({ file, mode }) =>
      warn(`Other users on this machine can open ${file}.`, `chmod ${mode.toString(8)} ${file}`),
    );
}

function judgeFacts({ schema, keys }: DatabaseFacts): readonly Judgement[] {
  const { underMissingKeys = 0, underOlderKeys = 0 } = keys ?? {};
  return [
    ...(schema > SCHEMA_VERSION
      ? [fail('A newer version of this service has changed the database.', 'Run that version, or a later one.')]
      : []),
    ...(underMissingKeys > 0
      ? [
          fail(
            `PRIVACY_KEY lacks the key of ${underMissingKeys} accounts in the database: nobody can use them.`,
            'Add that key at the end of the list, then run npm run reseal.',
          ),
        ]
      : []),
    ...(underOlderKeys > 0
      ? [
          warn(
            `${underOlderKeys} accounts in the database need an older key in PRIVACY_KEY.`,
            'Run npm run reseal before you remove it.',
          ),
        ]
      : []),
  ];
}

function judgePlace({ settings, given }: Context): readonly Judgement[] {
  if (settings.DATABASE_URL !== undefined)
    return given.DATA_DIR === undefined
      ? []
      : [warn('DATA_DIR has no effect: the database is the one at DATABASE_URL.', 'Remove one of the two.')];
  return [
    ...judgeModes(settings.DATA_DIR ?? ''),
    ...(settings.REDIS_URL === undefined
      ? []
      : [
          warn(
            'REDIS_URL is set, but the database is a file in DATA_DIR. Processes on one host may share the file; several hosts need PostgreSQL.',
            'If servers run on several hosts, set DATABASE_URL.',
          ),
        ]),
  ];
}

async function judgeDatabase(context: Context): Promise<readonly Judgement[]> {
  const skip = unusable(context);
  if (skip) return [skip];
  const report = await context.database();
  if (report === undefined) return [skipped('The database is not usable: see variables.')];
  if (report.kind === 'absent') return [...judgeAbsent(context.settings.DATA_DIR ?? ''), ...judgePlace(context)];
  if (report.kind === 'failed') {
    const [words, remedy] = FAULTS[report.fault] ?? OTHER_FAULT;
    return [fail(`${nameOf(context)} is not usable: ${words} (${report.fault}).`, remedy), ...judgePlace(context)];
  }
  const { keys } = report;
  const accounts = keys ? `, and has ${keys.accounts === 1 ? 'one account' : `${keys.accounts} accounts`}` : '';
  return orOk([...judgePlace(context), ...judgeFacts(report)], `${nameOf(context)} answers${accounts}.`);
}

/** A passkey always stays with the host that it was made for. */
function judgeHost(context: Context): readonly Judgement[] {
  const { settings, given, isFaulty } = context;
  if (!isFactorsOn(given)) return [skipped('There are no passkeys: see database.')];
  for (const name of ['WEBAUTHN_RP_ID', 'APP_ORIGIN'] as const)
    if (isFaulty(name)) return [skipped(`${name} is not usable: see variables.`)];
  const origins = settings.APP_ORIGIN ?? [];
  const hosts = origins.map((origin) => new URL(origin).hostname);
  const [first = 'localhost'] = hosts;
  const rpId = settings.WEBAUTHN_RP_ID ?? first;
  if (isIP(rpId.replace(/^\[|\]$/g, '')) !== 0)
    return [
      fail('APP_ORIGIN has an address instead of a host name: browsers refuse passkeys there.', 'Use a host name.'),
    ];
  const foreign = hosts.find((host) => host !== rpId && !host.endsWith(`.${rpId}`));
  return orOk(
    [
      ...(foreign === undefined
        ? []
        : [
            fail(
              `Passkeys belong to ${rpId}, so they do not work at ${foreign} in APP_ORIGIN.`,
              'Set WEBAUTHN_RP_ID to a domain above both.',
            ),
          ]),
      ...(hosts.length > 0 && hosts.every((host) => host !== rpId)
        ? [
            warn(
              `Passkeys belong to ${rpId} (WEBAUTHN_RP_ID), so other sites below it can ask for them.`,
              'Remove WEBAUTHN_RP_ID, unless several hosts share the passkeys. A change makes existing passkeys useless.',
            ),
          ]
        : []),
    ],
    `Passkeys belong to ${rpId}.`,
  );
}

export const FACTOR_CHECKS: readonly Check[] = [
  { check: 'database', run: judgeDatabase },
  { check: 'passkeys', run: judgeHost },
];
