import type { SessionRequest, TotpEnrollReply } from '@/lib/contract';
import { withTokens } from '@/lib/http/caller';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { json } from '@/lib/http/guards/json';
import { mayManage } from '@/lib/http/guards/may-manage';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { sessionRequest } from '@/lib/http/passkey-schemas';
import { present } from '@/lib/http/present';
import { route } from '@/lib/http/route';
import { beginTotp } from '@/lib/methods/totp/enroll';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Begins to add an authenticator app to the number of the session. */
export default route<SessionRequest>({
  path: '/api/totp/enrol',
  services: getServices,
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    factorsEnabled,
    methods('POST'),
    requireKey,
    mayManage,
    json(sessionRequest),
  ],
  async handle(call): Promise<TotpEnrollReply> {
    const { services, body, caller, log } = call;
    const { ceremony, ...reply } = await beginTotp(services, withTokens(caller, body), log);
    return present<TotpEnrollReply>(call, {
      reply,
      cookies: { 'totp-enrollment': ceremony },
      forPrograms: { ceremony },
    });
  },
});
