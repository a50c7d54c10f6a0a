/** The path that everything in this app is under, without a trailing slash; empty for none. */
// biome-ignore lint/style/noProcessEnv: the build replaces this with the value, also in the browser's code
export const BASE_PATH: string = process.env.BASE_PATH || '';

/** Address of the main page. A base path gets no slash after it, because Next would redirect that address. */
export const HOME = BASE_PATH || '/';

/** Address of the page where people verify with an authenticator app or a recovery code. */
export const SIGN_IN = `${BASE_PATH}/sign-in`;

/** Address of the page where people change their ways to verify. */
export const WAYS = `${BASE_PATH}/ways`;
