import type { FactorsReply } from '@/lib/contract';
import { identifyProgram, requireKey } from '@/lib/http/guards/api-key';
import { factorsEnabled } from '@/lib/http/guards/factors-enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { callerWithSession } from '@/lib/http/session-header';
import { factorReply } from '@/lib/methods/factor-reply';
import { listFactors } from '@/lib/methods/manage-factors';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** The ways to verify, besides codes by phone, that the session's number has. */
export default route({
  path: '/api/factors',
  services: getServices,
  guards: [sameOrigin, identifyProgram, floodShield, factorsEnabled, methods('GET'), requireKey],
  async handle(call): Promise<FactorsReply> {
    const { services, log } = call;
    const { factors, recoveryCodesLeft, resetAt } = await log.store(listFactors(services, callerWithSession(call)));
    return { factors: factors.map(factorReply), recoveryCodesLeft, resetAt: resetAt?.toISOString() ?? null };
  },
});
