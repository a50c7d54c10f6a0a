import { present, type Variable } from '@/lib/config/environment';
import { createPrivacy } from '@/lib/privacy';
import { type DatabaseReport, inspectDatabase } from './database';
import type { Environment } from './environment-files';
import type { Judgement } from './finding';
import { type Infobip, infobipOf } from './infobip';
import { once } from './once';
import { inspectRedis, type RedisReport } from './redis';
import { faultsOf, type Settings, settingsOf } from './settings';

/** The data that checks look at. Each call is made once, for whichever check asks first. */
export interface Context extends Environment {
  /** The variables as the server takes them: without blanks and placeholders. */
  readonly given: Readonly<Record<string, string>>;
  /** The usable variables, defaults included. Faulty ones are missing. */
  readonly settings: Partial<Settings>;
  readonly faults: readonly string[];
  readonly isFaulty: (name: Variable) => boolean;
  readonly infobip: Infobip;
  /** Undefined if no usable Redis is configured. */
  readonly redis: () => Promise<RedisReport | undefined>;
  /** Undefined if no usable database is configured. */
  readonly database: () => Promise<DatabaseReport | undefined>;
}

/** One check. */
export interface Check {
  /** Stable, in kebab-case; docs/doctor.md describes each. */
  readonly check: string;
  readonly run: (context: Context) => readonly Judgement[] | Promise<readonly Judgement[]>;
}

export function createContext(read: Environment): Context {
  const given = present(read.env);
  const faults = faultsOf(read.env);
  const faulty = new Set(faults.map((fault) => fault.split(' ')[0]));
  const settings = settingsOf(given, faulty);
  const { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl, DATA_DIR: dataDir, PRIVACY_KEY: privacyKeys } = settings;
  const privacy = privacyKeys && createPrivacy(privacyKeys);
  return {
    ...read,
    given,
    settings,
    faults,
    isFaulty: (name) => faulty.has(name),
    infobip: infobipOf(settings),
    redis: once(async () => (redisUrl === undefined ? undefined : inspectRedis(redisUrl, privacy?.keyIds ?? []))),
    database: once(async () =>
      databaseUrl === undefined && dataDir === undefined
        ? undefined
        : inspectDatabase({ databaseUrl, dataDir }, privacy),
    ),
  };
}
