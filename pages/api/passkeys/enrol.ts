import type { FactorAddedReply } from '@/lib/contract';
import { withTokens } from '@/lib/http/caller';
import { ceremonyIn } from '@/lib/http/ceremony-token';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { json } from '@/lib/http/guards/json';
import { mayManage } from '@/lib/http/guards/may-manage';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { type EnrollBody, enrollRequest, MAX_CREDENTIAL_BYTES } from '@/lib/http/passkey-schemas';
import { present } from '@/lib/http/present';
import { route } from '@/lib/http/route';
import { factorReply } from '@/lib/methods/factor-reply';
import { enrollPasskey } from '@/lib/methods/passkey/enroll';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/**
 * Adds a passkey to the number of the session. The session then belongs to the number's account, under a new token.
 */
export default route<EnrollBody>({
  path: '/api/passkeys/enrol',
  services: getServices,
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    factorsEnabled,
    methods('POST'),
    requireKey,
    mayManage,
    json(enrollRequest, MAX_CREDENTIAL_BYTES),
  ],
  async handle(call): Promise<FactorAddedReply> {
    const { services, body, response, log } = call;
    const { credential, name, session: given } = body;
    const request = { credential, name, ceremony: ceremonyIn(call, 'passkey-enrollment') };
    const caller = withTokens(call.caller, { session: given });
    const { factor, session } = await enrollPasskey(services, request, caller, log);
    response.statusCode = 201;
    return present<FactorAddedReply>(call, {
      reply: { factor: factorReply(factor) },
      cookies: { 'passkey-enrollment': null, 'phone-session': session.sessionToken },
      forPrograms: { session: session.sessionToken },
    });
  },
});
