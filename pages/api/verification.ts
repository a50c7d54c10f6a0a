import { AppError } from '@/lib/errors';
import { route } from '@/lib/http/route';
import { pendingVerification } from '@/lib/methods/phone/pending-verification';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Says where this browser's verification stands. Sends nothing. */
export default route({
  path: '/api/verification',
  services: getServices,
  methods: {
    async GET({ services, client }) {
      const pending = await pendingVerification(services, client.verificationId);
      if (!pending) throw new AppError('NO_VERIFICATION');
      return pending;
    },
  },
});
