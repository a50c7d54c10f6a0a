import pino, { type Logger } from 'pino';

export type { Logger };

/** JSON lines on standard output. What is logged is chosen field by field: no request, reply or error goes in whole. */
export const createLogger = (level: string): Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });

/**
 * An unforeseen error for the log: its class, where it was thrown, and its words without what could be a PIN, a number
 * or a key (runs of four and more digits, and long runs of letters and digits).
 */
export function describeError(error: unknown): { name: string; message?: string; stack?: string } {
  if (!(error instanceof Error)) return { name: typeof error };
  const stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    message: error.message.replace(/\d{4,}|[A-Za-z0-9_-]{20,}/g, '…'),
    ...(stack && { stack: stack.join('\n') }),
  };
}
