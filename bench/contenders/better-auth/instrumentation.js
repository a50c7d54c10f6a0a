/** Replaces the app's own. */
export function register() {}
