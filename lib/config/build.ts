import { version } from '@/package.json';

/** The commit of the build, which `next.config.js` sets; undefined if it was unknown, and outside a build. */
export const BUILD: { readonly version: string; readonly commit: string | undefined } = {
  version,
  // biome-ignore lint/style/noProcessEnv: no configuration; the build puts the value in its place
  commit: process.env.BUILT_COMMIT || undefined,
};
