import pino, { type Logger } from 'pino';

export type { Logger };

/** JSON lines on standard output. Callers choose each field to log: no request, reply or error goes in whole. */
export const createLogger = (level: string): Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });

/**
 * The lines of a stack trace that name locations. The message comes before them, and may contain lines that look the
 * same.
 */
function placesOf({ stack = '', message }: Error): string {
  const start = stack.indexOf(message);
  const lines = (start < 0 ? stack : stack.slice(start + message.length)).split('\n');
  return lines.filter((line) => /^\s+at /.test(line)).join('\n');
}

/**
 * An unforeseen error for the log: its class, where it was thrown, and its message without anything that could be a
 * PIN, a number or a key (runs of four and more digits, and long runs of letters and digits).
 */
export function describeError(error: unknown): { name: string; message?: string; stack?: string } {
  if (!(error instanceof Error)) return { name: typeof error };
  const stack = placesOf(error);
  return {
    name: error.name,
    message: error.message.replace(/\p{Nd}{4,}|[A-Za-z0-9_-]{20,}/gu, '…'),
    ...(stack !== '' && { stack }),
  };
}
