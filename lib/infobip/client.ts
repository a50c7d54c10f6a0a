import { AuthType, Infobip } from '@infobip-api/sdk';
import type { Config } from '@/lib/config';
import { createTransport } from './transport';

/**
 * The SDK's 2FA methods that this project calls, as the SDK really behaves: its own types are `any`, and it returns
 * errors as values. Nothing is known of what comes back until it is parsed.
 */
export interface TwoFactorSdk {
  sendPINCodeSMS(body: object, numberLookup: boolean): Promise<unknown>;
  sendPINCodeVoice(body: object): Promise<unknown>;
  resendPINCodeSMS(pinId: string, body: object): Promise<unknown>;
  resendPINCodeVoice(pinId: string, body: object): Promise<unknown>;
  verifyPhoneNumber(pinId: string, body: { pin: string }): Promise<unknown>;
}

/** Infobip's official SDK, with its HTTP replaced by {@link createTransport}. Make one for each process. */
export function createInfobipClient({ baseUrl, apiKey, timeoutMs }: Config['infobip']): TwoFactorSdk {
  const sdk = new Infobip({ baseUrl, apiKey, authType: AuthType.ApiKey });
  sdk.service.twoFA.http.axios.defaults.adapter = createTransport(baseUrl, timeoutMs);
  return sdk.service.twoFA as TwoFactorSdk;
}
