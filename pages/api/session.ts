import { AppError } from '@/lib/errors';
import { clearCookie } from '@/lib/http/cookies';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';
import { endSession, findSession } from '@/lib/verification/session';

export const config = { api: { bodyParser: false } };

/** What this browser has verified; and the end of it. */
export default route({
  path: '/api/session',
  services: getServices,
  methods: {
    async GET({ services, client }) {
      const session = await findSession(services, client.sessionId);
      if (!session) throw new AppError('NO_SESSION');
      return session;
    },
    async DELETE({ services, response, client }) {
      await endSession(services, client.sessionId);
      clearCookie(response, services.config, 'phone-session');
      return undefined;
    },
  },
});
