/** The address of the phone verification server. Next.js reads it at build time. */
const SERVER = process.env.PHONE_VERIFICATION_URL ?? 'http://localhost:3000';

/** The routes that the component calls. Others, such as the metrics, stay out of reach. */
const ROUTES = 'health|page-state|phone-metadata|resend-otp|send-otp|session|verification|verify-otp';

module.exports = {
  // Browsers see one origin, so the server's cookies are this app's.
  rewrites: async () => [{ source: `/api/:route(${ROUTES})`, destination: `${SERVER}/api/:route` }],
  // Longer than the server waits for Infobip: up to twice 30 s. By default Next.js gives up after 30 s.
  experimental: { proxyTimeout: 70_000 },
};
