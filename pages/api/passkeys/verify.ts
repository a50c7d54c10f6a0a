import type { VerifyReply } from '@/lib/contract';
import { contextOf } from '@/lib/http/api-keys';
import { withTokens } from '@/lib/http/caller';
import { ceremonyIn } from '@/lib/http/ceremony-token';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { json } from '@/lib/http/guards/json';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { onBehalf } from '@/lib/http/guards/on-behalf';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { assertAccepted } from '@/lib/http/login-verification';
import { MAX_CREDENTIAL_BYTES, passkeyVerifyRequest, type VerifyBody } from '@/lib/http/passkey-schemas';
import { type RouteCall, route } from '@/lib/http/route';
import { keepingFactor } from '@/lib/http/stale-number';
import { finishVerification } from '@/lib/http/verified';
import { verifyPasskey } from '@/lib/methods/passkey/verify';
import { formatPhoneNumber } from '@/lib/methods/phone/phone-number';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** The context of the proof, as with a code. */
const contextIn = ({ login, keyHolder, body }: RouteCall<VerifyBody>) =>
  login ? { client: login.client.id, interaction: login.uid } : contextOf(keyHolder, body);

/** Verifies the number of an account with one of its passkeys. */
export default route<VerifyBody>({
  path: '/api/passkeys/verify',
  services: getServices,
  factor: 'passkey',
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    factorsEnabled,
    methods('POST'),
    requireKey,
    login,
    json(passkeyVerifyRequest, MAX_CREDENTIAL_BYTES),
    onBehalf,
  ],
  async handle(call): Promise<VerifyReply> {
    const { services, body, log, login } = call;
    const { credential } = body;
    // The page of a login has its session in a cookie, if at all.
    const caller = withTokens(call.caller, login ? {} : { session: body.session });
    const request = {
      credential,
      ceremony: ceremonyIn(call, 'passkey-verification'),
      assertAccepted: (phoneNumber: string) => assertAccepted(login, phoneNumber, services),
      context: contextIn(call),
    };
    const success = await keepingFactor(call, () => verifyPasskey(services, request, caller, log));
    const reply = await finishVerification(call, success, 'Passkey verified successfully.', {
      cookies: {
        'passkey-verification': null,
        ...(caller.factorToken !== undefined && { 'factor-used': null }),
      },
      factors: [],
    });
    // If another application named the number, the page shows it only masked.
    if (login?.client.isNumberFixed) return reply;
    return { ...reply, phoneNumberText: formatPhoneNumber(success.verified.phoneNumber) };
  },
});
