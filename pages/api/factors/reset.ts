import type { ResetReply, SessionRequest } from '@/lib/contract';
import { withTokens } from '@/lib/http/caller';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { mayManage } from '@/lib/http/guards/may-manage';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { sessionRequest } from '@/lib/http/passkey-schemas';
import { route } from '@/lib/http/route';
import { requestReset } from '@/lib/methods/manage-factors';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Requests a reset, for people who have lost all factors. */
export default route<SessionRequest>({
  path: '/api/factors/reset',
  services: getServices,
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    factorsEnabled,
    methods('POST'),
    requireKey,
    mayManage,
    jsonOrForm(sessionRequest, 'factors'),
  ],
  async handle({ services, body, caller, response, log }): Promise<ResetReply> {
    const effectiveAt = await requestReset(services, withTokens(caller, body), log);
    response.statusCode = 202;
    return { effectiveAt: effectiveAt.toISOString() };
  },
});
