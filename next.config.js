const { spawnSync } = require('node:child_process');
const { readdirSync } = require('node:fs');
const path = require('node:path');
const { PHASE_DEVELOPMENT_SERVER, PHASE_PRODUCTION_BUILD } = require('next/constants');
const securityHeaders = require('./lib/http/security-headers.json');

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

const SECURITY_HEADERS = securityHeaders.map(({ key, value }) => ({ key, value }));

const ROUTES = readdirSync(path.join(__dirname, 'pages/api'))
  .map((file) => path.parse(file).name)
  .filter((name) => /^[a-z-]+$/.test(name));

/** API routes set these headers themselves: a rule with so many of them costs Next a twentieth of a small request. */
const ALL_BUT_ROUTES = `/:path((?!api/(?:${ROUTES.join('|')})$).*)`;

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
  // The rule below leaves API routes out by name. In another case there is no such route, and the reply needs the headers.
  experimental: { caseSensitiveRoutes: true },
  // Takes /_next/image away: it asks any address of ours for an image, and writes the address into the log as it came.
  images: { unoptimized: true },
  headers: async () => [
    {
      source: ALL_BUT_ROUTES,
      headers:
        // In development static pages run scripts too, to show changes as they are made.
        phase === PHASE_DEVELOPMENT_SERVER
          ? SECURITY_HEADERS
          : [...SECURITY_HEADERS, { key: 'Content-Security-Policy', value: STATIC_POLICY }],
    },
    { source: '/_next/static/chunks/:path*', headers: [{ key: 'Content-Security-Policy', value: WORKER_POLICY }] },
  ],
});
