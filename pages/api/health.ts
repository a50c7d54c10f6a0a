import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Says that the process answers; nothing else is asked. */
export default route({ path: '/api/health', services: getServices, methods: { GET: () => ({ status: 'ok' }) } });
