/** Without this file, Next.js would use the project's instrumentation.ts from the parent folder. */
export function register() {}
