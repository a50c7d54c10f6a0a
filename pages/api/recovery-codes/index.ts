import type { RecoveryCodesReply, SessionRequest } from '@/lib/contract';
import { withTokens } from '@/lib/http/caller';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { json } from '@/lib/http/guards/json';
import { mayManage } from '@/lib/http/guards/may-manage';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { sessionRequest } from '@/lib/http/passkey-schemas';
import { route } from '@/lib/http/route';
import { makeRecoveryCodes } from '@/lib/methods/recovery-code/make';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Creates new recovery codes, and voids earlier ones. */
export default route<SessionRequest>({
  path: '/api/recovery-codes',
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
  async handle({ services, body, caller, response, log }): Promise<RecoveryCodesReply> {
    const recoveryCodes = await makeRecoveryCodes(services, withTokens(caller, body), log);
    response.statusCode = 201;
    return { recoveryCodes: [...recoveryCodes] };
  },
});
