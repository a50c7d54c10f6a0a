import type { ReadyReply } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Says whether this instance can serve: its store answers, and Infobip is not left alone. Asks Infobip nothing. */
export default route({
  path: '/api/ready',
  services: getServices,
  methods: {
    async GET({ services: { store, twoFactor, warnings } }): Promise<ReadyReply> {
      const storeAnswers = await store.ping().then(
        () => true,
        () => false,
      );
      const missing = [...(storeAnswers ? [] : ['store']), ...(twoFactor.isBreakerOpen() ? ['breaker'] : [])];
      if (missing.length > 0) throw new AppError('NOT_READY', { missing });
      return { status: 'ready', warnings: [...warnings] };
    },
  },
});
