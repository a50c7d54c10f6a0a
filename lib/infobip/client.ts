import { AuthType, Infobip } from '@infobip-api/sdk';
import type { Config } from '@/lib/config/config';
import { createTransport } from './transport';

/**
 * The SDK's 2FA methods that this project calls, as the SDK really behaves: its own types are `any`, and it returns
 * errors as values. Nothing is known about a result until it is parsed.
 */
export interface TwoFactorSdk {
  sendPINCodeSMS(body: object, numberLookup: boolean): Promise<unknown>;
  sendPINCodeVoice(body: object): Promise<unknown>;
  resendPINCodeSMS(pinId: string, body: object): Promise<unknown>;
  resendPINCodeVoice(pinId: string, body: object): Promise<unknown>;
  getVerificationStatus(appId: string, query: { msisdn: string }): Promise<unknown>;
  verifyPhoneNumber(pinId: string, body: { pin: string }): Promise<unknown>;
  getApplications(): Promise<unknown>;
  createApplication(body: object): Promise<unknown>;
  getApplication(appId: string): Promise<unknown>;
  updateApplication(appId: string, body: object): Promise<unknown>;
  getMessageTemplates(appId: string): Promise<unknown>;
  createMessageTemplate(appId: string, body: object): Promise<unknown>;
  getMessageTemplate(appId: string, messageId: string): Promise<unknown>;
  updateMessageTemplate(appId: string, messageId: string, body: object): Promise<unknown>;
}

/** Settings of a client; see {@link Config}. */
export type Connection = Pick<Config['infobip'], 'baseUrl' | 'apiKey' | 'timeoutMs'>;

/** Infobip's official SDK, with its HTTP replaced by {@link createTransport}. Create one per process. */
export function createInfobipClient({ baseUrl, apiKey, timeoutMs }: Connection): TwoFactorSdk {
  const { twoFA } = new Infobip({ baseUrl, apiKey, authType: AuthType.ApiKey }).service;
  twoFA.http = createTransport(baseUrl, twoFA.http.axios.defaults.headers.Authorization, timeoutMs);
  return twoFA as TwoFactorSdk;
}
