import { bearerToken } from '@/lib/http/guards/bearer-token';
import { enabled } from '@/lib/http/guards/enabled';
import { floodShield } from '@/lib/http/guards/flood-shield';
import { methods } from '@/lib/http/guards/methods';
import { sameOrigin } from '@/lib/http/guards/same-origin';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** This instance's counts and times, in Prometheus's text format; see docs/operations.md. */
export default route({
  path: '/api/metrics',
  services: getServices,
  isProbe: true,
  guards: [
    sameOrigin,
    floodShield,
    enabled(({ metricsToken }) => metricsToken !== undefined),
    methods('GET'),
    bearerToken(({ metricsToken }) => metricsToken),
  ],
  async handle({ services: { metrics }, response }) {
    response.setHeader('Content-Type', metrics.contentType);
    response.end(await metrics.text());
    return undefined;
  },
});
