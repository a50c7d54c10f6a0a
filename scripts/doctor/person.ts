import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from './test-send';

/** The person at standard input. Questions go to standard error, because standard output is for findings. */
export function personAtInput(): Person & { readonly leave: () => void } {
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const typed = lines[Symbol.asyncIterator]();
  return {
    tell: (text) => void process.stderr.write(`${text}\n`),
    async ask(question, withinMs) {
      process.stderr.write(question);
      const line = await Promise.race([typed.next(), sleep(withinMs, undefined, { ref: false })]);
      return line === undefined || line.done ? undefined : line.value;
    },
    leave() {
      lines.close();
      process.stdin.destroy();
    },
  };
}
