const { spawnSync } = require('node:child_process');
const { readdirSync } = require('node:fs');
const path = require('node:path');
const { PHASE_DEVELOPMENT_SERVER, PHASE_PRODUCTION_BUILD } = require('next/constants');
const securityHeaders = require('./lib/http/security-headers.json');

/**
 * The policy of everything that sets none of its own: files, and static pages, which contain no script. Pages rendered
 * for a request and API routes replace it; see lib/http/content-security-policy.ts.
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

/** The policy of scripts. It matters only for the worker that solves challenges, which loads its own script and nothing else. */
const WORKER_POLICY = "default-src 'none'; script-src 'self'";

const SECURITY_HEADERS = securityHeaders.map(({ key, value }) => ({ key, value }));

const ROUTES = readdirSync(path.join(__dirname, 'pages/api'))
  .map((file) => path.parse(file).name)
  .filter((name) => /^[a-z-]+$/.test(name));

/** API routes set these headers themselves, because a rule with so many headers costs Next a twentieth of a small request. */
const ALL_BUT_ROUTES = `/:path((?!api/(?:${ROUTES.join('|')})$).*)`;

/**
 * Builds `.next/standalone`, which the Dockerfile and deploy/ run. For the build only: `next start` warns about an output that
 * it does not use.
 */
const STANDALONE = {
  output: 'standalone',
  // Set, so that a lockfile in a folder above does not move server.js.
  outputFileTracingRoot: __dirname,
  // Leaves out the image optimizer, which is switched off here: 19 MB, and the only native code.
  outputFileTracingExcludes: { '*': ['node_modules/sharp/**', 'node_modules/@img/**'] },
};

/** The commit that is built, for the log line at startup. Empty where neither the environment nor a repository of ours tells it. */
function commit() {
  // biome-ignore lint/style/noProcessEnv: of the build, not of the server
  const { COMMIT_SHA, VERCEL_GIT_COMMIT_SHA } = process.env;
  const git = () => spawnSync('git', ['--git-dir=.git', 'rev-parse', 'HEAD'], { cwd: __dirname, encoding: 'utf8' });
  return COMMIT_SHA || VERCEL_GIT_COMMIT_SHA || (git().stdout ?? '').trim();
}

/** @returns {import('next').NextConfig} */
module.exports = (phase) => ({
  ...(phase === PHASE_PRODUCTION_BUILD && { ...STANDALONE, env: { BUILT_COMMIT: commit() } }),
  poweredByHeader: false,
  // The page has a new nonce each time and is not cached: hashing it takes a tenth of its rendering. Files go without an ETag, too; those under
  // /_next/static never change, and browsers ask again for the others by their date.
  generateEtags: false,
  reactStrictMode: true,
  // The rule below excludes API routes by name. In upper case there is no such route, so the reply needs these headers.
  experimental: { caseSensitiveRoutes: true },
  // Removes /_next/image, which requests images from any of our addresses, and logs the address unchanged.
  images: { unoptimized: true },
  headers: async () => [
    {
      source: ALL_BUT_ROUTES,
      headers:
        // In development static pages also run scripts, which show changes at once.
        phase === PHASE_DEVELOPMENT_SERVER
          ? SECURITY_HEADERS
          : [...SECURITY_HEADERS, { key: 'Content-Security-Policy', value: STATIC_POLICY }],
    },
    { source: '/_next/static/chunks/:path*', headers: [{ key: 'Content-Security-Policy', value: WORKER_POLICY }] },
  ],
});
