import type { Application, Template } from './contract';

/**
 * The simulator's state at startup and after a reset. For local use only: Infobip knows none of these values, and their
 * prefixes show that they are the simulator's.
 */
export const SEED = {
  /** May do everything. */
  apiKey: 'simulator-key-for-local-use-only',
  /** Has the one scope `2fa:pin:send`, as a production key should. */
  sendOnlyApiKey: 'simulator-send-only-key',
  applicationId: 'SIMULATOR0APPLICATION00000000001',
  smsMessageId: 'SIMULATOR0SMS0TEMPLATE0000000001',
  voiceMessageId: 'SIMULATOR0VOICE0TEMPLATE00000001',
} as const;

/** Five minutes, five attempts, no reuse: stricter than Infobip's defaults, as NIST SP 800-63B-4 requires. */
export const SEED_APPLICATION: Application = {
  applicationId: SEED.applicationId,
  name: 'Phone verification (simulated)',
  enabled: true,
  configuration: {
    pinAttempts: 5,
    allowMultiplePinVerifications: false,
    pinTimeToLive: '5m',
    verifyPinLimit: '5/1s',
    sendPinPerApplicationLimit: '10000/1d',
    sendPinPerPhoneNumberLimit: '100/1d',
  },
};

/** One template for SMS and one for calls, because a call reads the whole text aloud. */
export const SEED_TEMPLATES: readonly Template[] = [
  {
    messageId: SEED.smsMessageId,
    applicationId: SEED.applicationId,
    pinPlaceholder: '{{pin}}',
    pinType: 'NUMERIC',
    pinLength: 6,
    messageText: '{{pin}} is your verification code. It expires in 5 minutes. Share it with no one.',
    senderId: 'Verify',
  },
  {
    messageId: SEED.voiceMessageId,
    applicationId: SEED.applicationId,
    pinPlaceholder: '{{pin}}',
    pinType: 'NUMERIC',
    pinLength: 6,
    messageText: 'Your verification code is {{pin}}.',
    language: 'en',
    repeatDTMF: '1#',
  },
];
