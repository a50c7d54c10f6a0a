import { version } from '@/package.json';

/** What was built. `next.config.js` puts the commit in; undefined where it was not known, and outside of a build. */
export const BUILD: { readonly version: string; readonly commit: string | undefined } = {
  version,
  // biome-ignore lint/style/noProcessEnv: no configuration; the build puts the value in its place
  commit: process.env.BUILT_COMMIT || undefined,
};
