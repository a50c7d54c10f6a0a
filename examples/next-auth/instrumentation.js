/** Replaces the app's own, which Next.js would otherwise take from the folder above. */
export function register() {}
