import { HOME } from '@/lib/base-path';
import type { FactorCodeRequest } from '@/lib/contract';
import { verifyByCodeIn } from '@/lib/http/code-verification';
import { factorCodeRequest } from '@/lib/http/factor-schemas';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { jsonOrForm } from '@/lib/http/guards/json-or-form';
import { login } from '@/lib/http/guards/login';
import { methods } from '@/lib/http/guards/methods';
import { onBehalf } from '@/lib/http/guards/on-behalf';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { TOTP } from '@/lib/methods/totp/verify';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Verifies a number with a code from an authenticator app. */
export default route<FactorCodeRequest>({
  path: '/api/totp/verify',
  services: getServices,
  factor: 'totp',
  guards: [
    sameOrigin,
    identifyProgram,
    floodShield,
    factorsEnabled,
    methods('POST'),
    requireKey,
    login,
    jsonOrForm(factorCodeRequest, 'totp', HOME),
    onBehalf,
  ],
  handle: (call) => verifyByCodeIn(call, TOTP, 'Authenticator app code verified successfully.'),
});
