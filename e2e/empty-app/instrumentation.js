/** In place of the app's own, which Next.js takes up from the folder above where there is none here. */
export function register() {}
