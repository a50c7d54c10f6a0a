/** The address of the phone verification server. Next.js reads it at build time. */
const SERVER = process.env.PHONE_VERIFICATION_URL ?? 'http://localhost:3000';

/** What the component asks. Other routes of the server, such as its metrics, stay out of reach. */
const ROUTES = 'health|page-state|phone-metadata|resend-otp|send-otp|session|verification|verify-otp';

module.exports = {
  // Browsers see one origin, so the server's cookies are this app's.
  rewrites: async () => [{ source: `/api/:route(${ROUTES})`, destination: `${SERVER}/api/:route` }],
  // Longer than the server waits for Infobip, twice 30 s. Without it Next.js gives up after 30 s.
  experimental: { proxyTimeout: 70_000 },
};
