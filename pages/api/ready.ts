import type { ReadyReply } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

const answers = async (ping: Promise<void> | undefined): Promise<boolean> => {
  try {
    await ping;
    return true;
  } catch {
    return false;
  }
};

/**
 * Shows whether this instance can serve requests: its store answers, the database of factors answers if factors are on,
 * and the circuit breaker is closed. It does not contact Infobip.
 */
export default route({
  path: '/api/ready',
  services: getServices,
  isProbe: true,
  guards: [sameOrigin, floodShield, methods('GET')],
  async handle({ services: { pingStore, factors, twoFactor, warnings } }): Promise<ReadyReply> {
    const [storeAnswers, databaseAnswers] = await Promise.all([answers(pingStore()), answers(factors?.ping())]);
    const missing = [
      ...(storeAnswers ? [] : ['store']),
      ...(databaseAnswers ? [] : ['database']),
      ...(twoFactor.isBreakerOpen() ? ['breaker'] : []),
    ];
    if (missing.length > 0) throw new AppError('NOT_READY', { missing });
    return { status: 'ready', warnings: [...warnings] };
  },
});
