import { version } from '@/package.json';

/**
 * The version, and the commit that it was built from. `next.config.js` sets the commit; undefined if unknown, and
 * outside a build.
 */
export const BUILD: { readonly version: string; readonly commit: string | undefined } = {
  version,
  // biome-ignore lint/style/noProcessEnv: no configuration; the build puts the value in its place
  commit: process.env.BUILT_COMMIT || undefined,
};
