const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const path = require('node:path');
const { PHASE_DEVELOPMENT_SERVER, PHASE_PRODUCTION_BUILD, PHASE_PRODUCTION_SERVER } = require('next/constants');
const securityHeaders = require('./lib/http/security-headers.json');

/**
 * The content security policy of files and of static pages, which contain no script. Pages rendered for a request, and
 * API routes, replace it: see lib/http/content-security-policy.ts. Pages that somebody adds may need script, so they do
 * not get it.
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

/** The policy of script files. It matters only for the worker that solves challenges, which loads only our scripts. */
const WORKER_POLICY = "default-src 'none'; script-src 'self'";

const SECURITY_HEADERS = securityHeaders.map(({ key, value }) => ({ key, value }));

/** The API routes of this app. Routes that somebody adds might not set the headers themselves. */
const ROUTES = [
  'factors(?:/[^/]+)?',
  'health',
  'jwks',
  'metrics',
  'openid/(?:token|userinfo|par)',
  'page-state',
  'passkeys/(?:enrol-options|enrol|verify-options|verify)',
  'phone-metadata',
  'ready',
  'recovery-codes(?:/verify)?',
  'resend-otp',
  'send-otp',
  'session',
  'totp/(?:enrol|confirm|verify)',
  'verification',
  'verify-otp',
];

/**
 * The path that everything is under, such as `/verify`; empty for none. The server and the browser read it from
 * lib/base-path.ts. `next start` reads this file again, and takes the path from the build, whose scripts contain it.
 */
function basePathOf(phase) {
  const built = path.join(__dirname, '.next/routes-manifest.json');
  if (phase === PHASE_PRODUCTION_SERVER && existsSync(built)) return require(built).basePath;
  // biome-ignore lint/style/noProcessEnv: of the build, not of the server
  return process.env.BASE_PATH?.trim() || '';
}

/** The beginning of addresses under a base path, in a pattern, without the first slash. */
const under = (basePath) => basePath && `${basePath.slice(1).replace(/[^\w/-]/g, '\\$&')}/`;

/** An address that one of our API routes has, below the base path. */
const OUR_ROUTE = `api/(?:${ROUTES.join('|')})$`;

/** The files in pages/ that belong to this app. */
const OUR_PAGES = new Set([
  '.well-known',
  '404.tsx',
  '_app.tsx',
  '_document.tsx',
  '_error.tsx',
  'about.tsx',
  'api',
  'brand',
  'connect',
  'demo.tsx',
  'index.tsx',
  'sign-in.tsx',
  'ways.tsx',
]);

/** First parts of the addresses in an App Router's folder: groups and slots are not part of them. */
function partsIn(folder) {
  if (!existsSync(folder)) return [];
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) => (/^[(@]/.test(name) ? partsIn(path.join(folder, name)) : [name]));
}

/** The beginnings of the addresses of pages that somebody added to this app. */
function addedPages() {
  const inPages = readdirSync(path.join(__dirname, 'pages')).filter((name) => !OUR_PAGES.has(name));
  const inApp = partsIn(path.join(__dirname, 'app')).filter((name) => name !== 'api' && !name.startsWith('_'));
  const parts = [...inPages.map((name) => name.replace(/\.[jt]sx?$/, '')), ...inApp];
  // A part in brackets stands for any text.
  const patterns = parts.map((part) => (part.startsWith('[') ? '[^/]+' : part.replace(/[^\w-]/g, '\\$&')));
  return patterns.map((pattern) => `${pattern}(?:/|$)`);
}

/** Also matches addresses outside the base path, so rules with this pattern have `basePath: false`. */
const allBut = (basePath, beginnings) => `/:path((?!${under(basePath)}(?:${beginnings.join('|')})).*)`;

/**
 * Builds `.next/standalone`, which the Dockerfile and deploy/ run. These settings are for the build alone: `next start`
 * would warn about an output that it does not use.
 */
const STANDALONE = {
  output: 'standalone',
  // Otherwise a lockfile in a folder above would move server.js.
  outputFileTracingRoot: __dirname,
  // public/: the server reads a logo from there, and on Vercel finds only traced files. @libsql: the binary of the
  // embedded database, which tracing misses, because libsql composes its name at run time.
  outputFileTracingIncludes: { '*': ['public/**', 'node_modules/@libsql/**'] },
  // Leaves out the image optimizer, which is switched off here: 19 MB of native code.
  outputFileTracingExcludes: { '*': ['node_modules/sharp/**', 'node_modules/@img/**'] },
};

/** The commit of the build, for the log line at startup. Empty if no variable and no repository of ours names it. */
function commit() {
  // biome-ignore lint/style/noProcessEnv: of the build, not of the server
  const { COMMIT_SHA, VERCEL_GIT_COMMIT_SHA } = process.env;
  const git = () => spawnSync('git', ['--git-dir=.git', 'rev-parse', 'HEAD'], { cwd: __dirname, encoding: 'utf8' });
  return COMMIT_SHA || VERCEL_GIT_COMMIT_SHA || (git().stdout ?? '').trim();
}

/** @returns {import('next').NextConfig} */
module.exports = (phase) => {
  const basePath = basePathOf(phase);
  return {
    ...(phase === PHASE_PRODUCTION_BUILD && STANDALONE),
    env: { BASE_PATH: basePath, ...(phase === PHASE_PRODUCTION_BUILD && { BUILT_COMMIT: commit() }) },
    basePath,
    // oidc-provider finds its models by their class names, which a bundle shortens. libsql loads a native library.
    serverExternalPackages: ['oidc-provider', 'libsql', 'pg'],
    poweredByHeader: false,
    // The page has a new nonce each time, so nothing caches it, and hashing it would add a tenth to its rendering.
    // Files have no ETag either: those under /_next/static never change, and browsers check the others by their date.
    generateEtags: false,
    reactStrictMode: true,
    // The rules below exclude API routes by their exact names, so a name in another case must not be a route.
    experimental: { caseSensitiveRoutes: true },
    // Removes /_next/image, which requests images from any of our addresses, and logs the address unchanged.
    images: { unoptimized: true },
    headers: async () => [
      // API routes set these headers themselves: a rule with so many headers costs Next a twentieth of a small request.
      { source: allBut(basePath, [OUR_ROUTE]), basePath: false, headers: SECURITY_HEADERS },
      // In development, static pages run scripts, too, to show changes at once.
      ...(phase === PHASE_DEVELOPMENT_SERVER
        ? []
        : [
            {
              source: allBut(basePath, [OUR_ROUTE, ...addedPages()]),
              basePath: false,
              headers: [{ key: 'Content-Security-Policy', value: STATIC_POLICY }],
            },
          ]),
      { source: '/_next/static/chunks/:path*', headers: [{ key: 'Content-Security-Policy', value: WORKER_POLICY }] },
    ],
  };
};
