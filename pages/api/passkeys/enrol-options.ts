import type { PasskeyOptionsReply, SessionRequest } from '@/lib/contract';
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
import { startEnrollment } from '@/lib/methods/passkey/enroll-options';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Begins to add a passkey to the number of the session. */
export default route<SessionRequest>({
  path: '/api/passkeys/enrol-options',
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
  async handle(call): Promise<PasskeyOptionsReply> {
    const { services, body, log } = call;
    const caller = withTokens(call.caller, body);
    const { reply, ceremony } = await startEnrollment(services, services.brand.page.name, caller, log);
    return present<PasskeyOptionsReply>(call, {
      reply,
      cookies: { 'passkey-enrollment': ceremony },
      forPrograms: { ceremony },
    });
  },
});
