/** Path that everything of this app is under, without a slash at the end; empty for none. The build puts the value in its place. */
// biome-ignore lint/style/noProcessEnv: no configuration; the browser has it, too
export const BASE_PATH: string = process.env.BASE_PATH || '';

/** Address of the page. Next redirects from the base path with a slash at the end. */
export const HOME = BASE_PATH || '/';

/** Address of the page where people verify by an authenticator app or a recovery code. */
export const SIGN_IN = `${BASE_PATH}/sign-in`;

/** Address of the page where people change their ways to verify. */
export const WAYS = `${BASE_PATH}/ways`;
