import type { PasskeyOptionsReply, SessionRequest } from '@/lib/contract';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { json } from '@/lib/http/guards/json';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { sessionRequest } from '@/lib/http/passkey-schemas';
import { present } from '@/lib/http/present';
import { route } from '@/lib/http/route';
import { startVerificationByPasskey } from '@/lib/methods/passkey/verify-options';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Begins a verification with a passkey. It stores nothing. */
export default route<SessionRequest>({
  path: '/api/passkeys/verify-options',
  services: getServices,
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    factorsEnabled,
    methods('POST'),
    requireKey,
    login,
    json(sessionRequest),
  ],
  handle(call): PasskeyOptionsReply {
    const { reply, ceremony } = startVerificationByPasskey(call.services, call.caller);
    return present<PasskeyOptionsReply>(call, {
      reply,
      cookies: { 'passkey-verification': ceremony },
      forPrograms: { ceremony },
    });
  },
});
