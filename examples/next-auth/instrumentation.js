/** Replaces the project's instrumentation.ts, which Next.js would otherwise use from the parent folder. */
export function register() {}
