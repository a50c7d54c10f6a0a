import type { TotpConfirmReply, TotpConfirmRequest } from '@/lib/contract';
import { withTokens } from '@/lib/http/caller';
import { ceremonyIn } from '@/lib/http/ceremony-token';
import { totpConfirmRequest } from '@/lib/http/factor-schemas';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { json } from '@/lib/http/guards/json';
import { mayManage } from '@/lib/http/guards/may-manage';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { present } from '@/lib/http/present';
import { route } from '@/lib/http/route';
import { factorReply } from '@/lib/methods/factor-reply';
import { confirmTotp } from '@/lib/methods/totp/enroll';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Adds an authenticator app if its first code is right. The session then belongs to the account, under a new token. */
export default route<TotpConfirmRequest>({
  path: '/api/totp/confirm',
  services: getServices,
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    factorsEnabled,
    methods('POST'),
    requireKey,
    mayManage,
    json(totpConfirmRequest),
  ],
  async handle(call): Promise<TotpConfirmReply> {
    const { services, body, response, log } = call;
    const { code, name, session: token } = body;
    const caller = withTokens(call.caller, { session: token });
    const confirmation = { code, name, ceremony: ceremonyIn(call, 'totp-enrollment') };
    const { factor, session, recoveryCodes } = await confirmTotp(services, confirmation, caller, log);
    response.statusCode = 201;
    return present<TotpConfirmReply>(call, {
      reply: { factor: factorReply(factor), ...(recoveryCodes && { recoveryCodes: [...recoveryCodes] }) },
      cookies: { 'totp-enrollment': null, 'phone-session': session.sessionToken },
      forPrograms: { session: session.sessionToken },
    });
  },
});
