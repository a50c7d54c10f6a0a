import { requireToken } from '@/lib/http/guards/bearer-token';
import { route } from '@/lib/http/route';
import { getServices } from '@/lib/services';

export const config = { api: { bodyParser: false } };

/** Counts and times of this instance, in Prometheus' text format; see docs/operations.md. */
export default route({
  path: '/api/metrics',
  services: getServices,
  isThere: ({ metricsToken }) => metricsToken !== undefined,
  methods: {
    async GET({ services: { config, metrics }, request, response }) {
      requireToken(request, response, config.metricsToken);
      response.setHeader('Content-Type', metrics.contentType);
      response.end(await metrics.text());
      return undefined;
    },
  },
});
