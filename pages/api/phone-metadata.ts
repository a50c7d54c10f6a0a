import { AppError } from '@/lib/errors';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { phoneMetadata } from '@/lib/methods/phone/metadata';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** What the page needs to format and check numbers during typing, for one calling code. */
export default route({
  path: '/api/phone-metadata',
  services: getServices,
  guards: [sameOrigin, floodShield, methods('GET')],
  handle({ services, request, response }) {
    const metadata = phoneMetadata(String(request.query.callingCode), services.config);
    if (!metadata) throw new AppError('UNKNOWN_CALLING_CODE');
    response.setHeader('Cache-Control', 'public, max-age=86400');
    return metadata;
  },
});
