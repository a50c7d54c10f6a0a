/**
 * The path that everything in this app is under, without a trailing slash; empty for none. The build inserts the value.
 */
// biome-ignore lint/style/noProcessEnv: no configuration; the browser has it, too
export const BASE_PATH: string = process.env.BASE_PATH || '';

/** Address of the page. After a base path it has no slash, because Next would redirect an address with one. */
export const HOME = BASE_PATH || '/';

/** Address of the page where people verify with an authenticator app or a recovery code. */
export const SIGN_IN = `${BASE_PATH}/sign-in`;

/** Address of the page where people change their ways to verify. */
export const WAYS = `${BASE_PATH}/ways`;
