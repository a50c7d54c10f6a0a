import {
  type Account,
  type AccountFailure,
  type AccountResult,
  type Application,
  createAccount,
  type Template,
} from '@/lib/infobip/account';
import { type Outcome, skipped } from './finding';
import { once } from './once';
import type { Settings } from './settings';
import { templateVariables } from './template-variables';

/** The longest wait for a check, whatever the server's own timeout is. */
const MAX_TIMEOUT_MS = 10_000;
/** Replaces an unusable key: the doctor can learn without a key whether it reaches Infobip. */
const NO_KEY = 'none';

/** The first call, which asks about a PIN that does not exist. */
export interface Probe {
  readonly result: AccountResult<true>;
  readonly latencyMs: number;
  /** The time by our clock halfway between the request and the reply, in epoch milliseconds. */
  readonly at: number;
}

/** Infobip's answers. Nothing here sends a message or changes anything. */
export interface Infobip {
  readonly probe: () => Promise<Outcome<Probe>>;
  /** If Infobip refuses with a 403, the key may not read applications. */
  readonly application: () => Promise<Outcome<AccountResult<Application>>>;
  /** Whether the account has the application, for keys that may not read it. */
  readonly applicationProbe: () => Promise<Outcome<AccountResult<true>>>;
  /** All applications of the account, to help people who named a missing one. */
  readonly applications: () => Promise<Outcome<AccountResult<readonly Application[]>>>;
  /** The configured templates, by id. */
  readonly templates: () => Promise<Outcome<ReadonlyMap<string, AccountResult<Template>>>>;
}

/** How to check what a send-only key cannot read. */
export const WITH_ANOTHER_KEY =
  'To check it, run the doctor once with a key that has the scope 2fa:manage, in an env file: npm run doctor -- --env-file FILE.';

/**
 * Only a 404 in Infobip's own form shows that something does not exist: any web server answers 404 to an unknown path.
 */
export const isAbsent = ({ status, detail }: AccountFailure): boolean => status === 404 && detail !== undefined;

const isSendOnly = ({ status }: AccountFailure) => status === 403;

async function probeBy(account: Account): Promise<Probe> {
  const startedAt = Date.now();
  const result = await account.probeKey();
  const latencyMs = Date.now() - startedAt;
  return { result, latencyMs, at: startedAt + latencyMs / 2 };
}

/** Stops at the first call without a reply, because the others would take just as long. */
async function readTemplates(account: Account, appId: string, ids: readonly string[]) {
  const read = new Map<string, AccountResult<Template>>();
  for (const id of ids) {
    const result = await account.getTemplate(appId, id);
    read.set(id, result);
    if (result.kind === 'failed' && result.status === undefined) break;
  }
  return read;
}

export function infobipOf(settings: Partial<Settings>): Infobip {
  const { INFOBIP_BASE_URL: baseUrl, INFOBIP_API_KEY: apiKey, INFOBIP_2FA_APP_ID: appId } = settings;
  const timeoutMs = Math.min(settings.INFOBIP_TIMEOUT_MS ?? MAX_TIMEOUT_MS, MAX_TIMEOUT_MS);
  const account = baseUrl === undefined ? undefined : createAccount({ baseUrl, apiKey: apiKey ?? NO_KEY, timeoutMs });

  const probe = once(
    async (): Promise<Outcome<Probe>> =>
      account ? { value: await probeBy(account) } : { skipped: skipped('INFOBIP_BASE_URL is not usable.') },
  );

  /** The account, or why it makes no sense to ask Infobip for more. */
  async function access(): Promise<Outcome<Account>> {
    const probed = await probe();
    if ('skipped' in probed) return probed;
    if (apiKey === undefined || account === undefined) return { skipped: skipped('INFOBIP_API_KEY is not usable.') };
    const { result } = probed.value;
    if (result.kind === 'ok') return { value: account };
    return { skipped: skipped('Infobip refused the first call: see api-key and infobip-reachable.') };
  }

  const application = once(async (): Promise<Outcome<AccountResult<Application>>> => {
    const allowed = await access();
    if ('skipped' in allowed) return allowed;
    if (appId === undefined) return { skipped: skipped('INFOBIP_2FA_APP_ID is not usable.') };
    return { value: await allowed.value.getApplication(appId) };
  });

  const templates = once(async (): Promise<Outcome<ReadonlyMap<string, AccountResult<Template>>>> => {
    const found = await application();
    if ('skipped' in found) return found;
    if (account === undefined || appId === undefined || found.value.kind === 'failed') {
      const isOurKey = found.value.kind === 'failed' && isSendOnly(found.value);
      return {
        skipped: isOurKey
          ? skipped('INFOBIP_API_KEY may not read templates.', WITH_ANOTHER_KEY)
          : skipped('The doctor could not read the application: see application.'),
      };
    }
    const ids = [...new Set(templateVariables(settings).map(({ id }) => id))];
    return { value: await readTemplates(account, appId, ids) };
  });

  async function applications(): Promise<Outcome<AccountResult<readonly Application[]>>> {
    const allowed = await access();
    return 'value' in allowed ? { value: await allowed.value.listApplications() } : allowed;
  }

  async function applicationProbe(): Promise<Outcome<AccountResult<true>>> {
    const allowed = await access();
    if ('skipped' in allowed) return allowed;
    if (appId === undefined) return { skipped: skipped('INFOBIP_2FA_APP_ID is not usable.') };
    return { value: await allowed.value.probeApplication(appId) };
  }

  return { probe, application, applicationProbe, applications, templates };
}
