import type { ApiClient } from '@/lib/config/api-clients';
import type { OpenIdClient } from '@/lib/config/openid-clients';
import type { Check, Context } from './context';
import { type Judgement, orOk, skipped, warn } from './finding';
import { isLocal } from './server-checks';

/** Warns about redirect URIs on loopback: in production, they lead people to their own machine. */
const judgeApplication = ({ id, redirectUris }: OpenIdClient): Judgement[] =>
  redirectUris
    .filter(isLocal)
    .map((uri) =>
      warn(
        `The client ${id} in OIDC_CLIENTS has a redirect_uri on this machine, ${new URL(uri).host}.`,
        'Remove it in production, where APP_ORIGIN is public.',
      ),
    );

const judgeProgram = ({ id, messagesPerDay, budgetPerDay }: ApiClient): Judgement[] =>
  messagesPerDay === undefined && budgetPerDay === undefined
    ? [
        warn(
          `The client ${id} in API_CLIENTS has no limit of its own: anyone who steals its key can spend the whole budget.`,
          'Set its messagesPerDay, its budgetPerDay, or both.',
        ),
      ]
    : [];

/** Checks the applications of OpenID Connect and the programs with a key. */
function judgeClients({ settings, isFaulty }: Context): readonly Judgement[] {
  if (isFaulty('OIDC_CLIENTS') || isFaulty('API_CLIENTS'))
    return [skipped('OIDC_CLIENTS or API_CLIENTS is not usable: see variables.')];
  const { OIDC_CLIENTS: applications = [], API_CLIENTS: programs = [], API_ACCESS, APP_ORIGIN } = settings;
  const isLocked = API_ACCESS === 'keys' && programs.length === 0;
  if (applications.length + programs.length === 0 && !isLocked)
    return [skipped('OIDC_CLIENTS and API_CLIENTS are not set.')];
  const isPublic = APP_ORIGIN?.some((origin) => !isLocal(origin));
  return orOk(
    [
      ...(isLocked
        ? [warn('API_ACCESS is keys, but no program has a key.', 'Create one with: npm run -s keys -- --client NAME')]
        : []),
      ...(isPublic ? applications.flatMap(judgeApplication) : []),
      ...programs.flatMap(judgeProgram),
    ],
    `Applications: ${applications.length}; programs with a key: ${programs.length}.`,
  );
}

export const CLIENT_CHECK: Check = { check: 'clients', run: judgeClients };
