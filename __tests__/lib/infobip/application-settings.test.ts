import { loadConfig } from '@/lib/config/config';
import { applicationSettings } from '@/lib/infobip/application-settings';

const settingsOf = (more: Record<string, string> = {}) => {
  const required = {
    INFOBIP_BASE_URL: 'https://abc12.api.infobip.com',
    INFOBIP_API_KEY: 'key',
    INFOBIP_2FA_APP_ID: 'app',
    INFOBIP_2FA_MESSAGE_ID: 'sms',
  };
  return applicationSettings(loadConfig({ ...required, ...more } as unknown as NodeJS.ProcessEnv));
};

test('codes last five minutes, allow five tries, and work once', () => {
  expect(settingsOf()).toEqual({
    pinTimeToLive: '5m',
    pinAttempts: 5,
    allowMultiplePinVerifications: false,
    sendPinPerPhoneNumberLimit: '5/1d',
    sendPinPerApplicationLimit: '10000/1d',
    verifyPinLimit: '1/1s',
  });
});

test.each([
  [{ PIN_TTL_SECONDS: '120' }, { pinTimeToLive: '2m' }],
  [{ PIN_TTL_SECONDS: '90' }, { pinTimeToLive: '90s' }],
  [{ MAX_PIN_ATTEMPTS: '3' }, { pinAttempts: 3 }],
  [{ LIMIT_SEND_PER_NUMBER: '3/12h' }, { sendPinPerPhoneNumberLimit: '3/12h' }],
])("the settings follow the app's configuration %j", (variables, settings) => {
  expect(settingsOf(variables)).toMatchObject({ ...settings, allowMultiplePinVerifications: false });
});
