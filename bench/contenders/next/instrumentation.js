/** In place of the app's own. */
export function register() {}
