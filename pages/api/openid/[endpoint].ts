import { AppError } from '@/lib/errors';
import { enabled } from '@/lib/http/guards/enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false, externalResolver: true } };

const ENDPOINTS: ReadonlySet<unknown> = new Set(['token', 'userinfo', 'par']);
/** A pushed request contains every parameter of an authorization request. */
const MAX_BODY_BYTES = 8192;

/** The OpenID provider's endpoints for programs. Pages of other sites may call them, too, as the standard requires. */
export default route({
  path: '/api/openid',
  services: getServices,
  guards: [
    floodShield,
    enabled(({ openid }) => openid.clients.length > 0),
    ({ request: { query, headers } }) => {
      if (!ENDPOINTS.has(query.endpoint)) throw new AppError('NOT_FOUND');
      // Without a Content-Length, the library would read up to seven times as much.
      if (headers['transfer-encoding'] !== undefined)
        throw new AppError('INVALID_REQUEST', { message: 'Send the body with its Content-Length.' });
      if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES)
        throw new AppError('BODY_TOO_LARGE', { message: 'The request body is too large. The limit is 8 kB.' });
    },
  ],
  async handle({ services: { openid }, request, response }) {
    await openid?.answer(request, response);
    return undefined;
  },
});
