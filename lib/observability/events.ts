import type { Logger } from './logger';

type Level = 'info' | 'warn' | 'error' | 'fatal';

/**
 * Every event that has a name in the log (`event`), with its level. Names are stable: audits and alerts may rely on
 * them. docs/operations.md says what each one means and what to do about it.
 */
export const EVENTS = {
  'server.started': 'info',
  'server.stopping': 'info',
  'number.verified': 'info',
  'number.locked': 'warn',
  'factor.used': 'info',
  'factor.added': 'info',
  'factor.removed': 'info',
  'factor.step_up_required': 'warn',
  'recovery_codes.replaced': 'info',
  'recovery_code.used': 'warn',
  'account.reset_requested': 'warn',
  'account.reset_canceled': 'warn',
  'passkey.cloned': 'error',
  'verification.exhausted': 'warn',
  'limit.reached': 'warn',
  'challenge.required': 'info',
  'destination.suspended': 'warn',
  'budget.half_spent': 'error',
  'budget.nearly_spent': 'error',
  'budget.exhausted': 'fatal',
  'budget.new_countries_spent': 'error',
  'request.cross_site': 'warn',
  'login.refused': 'warn',
  'api_key.refused': 'warn',
  'metrics.unauthorized': 'warn',
  'upstream.rejected_us': 'fatal',
  'upstream.application_missing': 'fatal',
  'upstream.breaker_opened': 'error',
  'upstream.breaker_closed': 'info',
  'clock.skewed': 'warn',
  'store.connection_lost': 'error',
  'store.connected': 'info',
  'database.connection_lost': 'error',
  'database.connected': 'info',
  'database.unreadable': 'error',
  'accounts.expired': 'info',
  'webhook.failing': 'error',
  'webhook.dropped': 'error',
  'webhook.recovered': 'info',
  'internal.error': 'error',
  'config.keys_made': 'warn',
  'config.embedded_database': 'warn',
  'config.unexpected_forwarded_for': 'warn',
} as const satisfies Record<string, Level>;

export type EventName = keyof typeof EVENTS;

/** The operator's first step, if one sentence can say it. The log line has it as `remedy`. */
export const REMEDIES: Readonly<Partial<Record<EventName, string>>> = {
  'upstream.rejected_us': 'Check INFOBIP_API_KEY: its scope 2fa:pin:send, its expiry and its allowed IP addresses.',
  'upstream.application_missing':
    'Check INFOBIP_2FA_APP_ID and the template ids (INFOBIP_2FA_MESSAGE_ID and others) in the account of INFOBIP_BASE_URL. npm run doctor says which one Infobip does not know.',
  'clock.skewed':
    'Synchronize the clock of this machine with NTP. Proofs carry the time, and programs refuse proofs from the future or the past.',
  'database.unreadable':
    'Add the key that these accounts are under to PRIVACY_KEY, after the newest one. Then run npm run reseal before you remove it again.',
  'config.embedded_database':
    'Make sure that all servers run on this host. Servers on several hosts need PostgreSQL: set DATABASE_URL.',
  'webhook.failing':
    'Check WEBHOOK_URL, and the receiver behind it. npm run doctor -- --webhook sends it a test event.',
  'config.keys_made':
    'The server created these keys for this process alone: after a restart, earlier proofs can no longer be verified. Set the variables to keep them.',
};

/** Logs an event that belongs to no request, and counts it. Fields hold no PIN, key, token or phone number. */
export type Report = (event: EventName, fields?: Readonly<Record<string, unknown>>) => void;

/** @param count called with each event's name */
export const createReport =
  (logger: Logger, count: (event: EventName) => void): Report =>
  (event, fields = {}) => {
    count(event);
    logger[EVENTS[event]]({ event, remedy: REMEDIES[event], ...fields });
  };
