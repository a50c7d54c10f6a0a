const { PHASE_DEVELOPMENT_SERVER, PHASE_PRODUCTION_BUILD } = require('next/constants');

/**
 * For whatever sets none of its own: static pages, which ship no script, and files. Pages made for a request and API
 * routes replace it; see lib/http/content-security-policy.ts.
 */
const STATIC_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For scripts, where it counts only in the worker that solves challenges: it loads its own script, and nothing else. */
const WORKER_POLICY = "default-src 'none'; script-src 'self'";

const SECURITY_HEADERS = [
  // Two years. Browsers heed it over https only. Without includeSubDomains: other hosts of the domain may still speak http.
  { key: 'Strict-Transport-Security', value: 'max-age=63072000' },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  // What frame-ancestors says, for browsers without it.
  { key: 'X-Frame-Options', value: 'DENY' },
  // Not no-referrer: with that browsers send `Origin: null` on same-origin form posts.
  { key: 'Referrer-Policy', value: 'same-origin' },
  {
    key: 'Permissions-Policy',
    value: 'otp-credentials=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
];

/**
 * What the Dockerfile and deploy/ run: `.next/standalone`. For the build only, since `next start` warns of an output that it
 * does not use.
 */
const STANDALONE = {
  output: 'standalone',
  // Given, so that a lockfile in a folder above does not move server.js.
  outputFileTracingRoot: __dirname,
  // Makes images smaller, which is switched off here; 19 MB, and the only native code there would be.
  outputFileTracingExcludes: { '*': ['node_modules/sharp/**', 'node_modules/@img/**'] },
};

/** @returns {import('next').NextConfig} */
module.exports = (phase) => ({
  ...(phase === PHASE_PRODUCTION_BUILD && STANDALONE),
  poweredByHeader: false,
  reactStrictMode: true,
  // Takes /_next/image away: it asks any address of ours for an image, and writes the address into the log as it came.
  images: { unoptimized: true },
  headers: async () => [
    {
      source: '/:path*',
      headers:
        // In development static pages run scripts too, to show changes as they are made.
        phase === PHASE_DEVELOPMENT_SERVER
          ? SECURITY_HEADERS
          : [...SECURITY_HEADERS, { key: 'Content-Security-Policy', value: STATIC_POLICY }],
    },
    { source: '/_next/static/chunks/:path*', headers: [{ key: 'Content-Security-Policy', value: WORKER_POLICY }] },
  ],
});
