import type { Config } from '@/lib/config/config';
import type { ApplicationConfiguration } from './account';

/** The longest lifetime of a code, in seconds: NIST SP 800-63B-4, §3.1.3.2. */
export const MAX_PIN_TTL_SECONDS = 600;

/** What a limit allows, in Infobip's notation. */
const allowed = ({ limits }: Pick<Config, 'limits'>, name: string): string =>
  limits.find((limit) => limit.name === name)?.allowed ?? '';

/** Writes whole minutes as Infobip's own documentation does, like `5m`, and anything else in seconds. */
const duration = (seconds: number): string => (seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`);

/**
 * The settings that the 2FA application needs for this configuration. Infobip's defaults differ: 15 minutes, ten tries,
 * and codes that can be used again.
 */
export const applicationSettings = (config: Pick<Config, 'pin' | 'limits'>): ApplicationConfiguration => ({
  pinTimeToLive: duration(config.pin.ttlSeconds),
  pinAttempts: config.pin.maxAttempts,
  // A verified code must not work again: OWASP ASVS 5.0, 6.5.1.
  allowMultiplePinVerifications: false,
  sendPinPerPhoneNumberLimit: allowed(config, 'LIMIT_SEND_PER_NUMBER'),
  // Infobip's own default: a daily ceiling behind LIMIT_SEND_GLOBAL.
  sendPinPerApplicationLimit: '10000/1d',
  // Per number. Infobip's default, one in three seconds, throttles people who correct a code quickly.
  verifyPinLimit: '1/1s',
});
