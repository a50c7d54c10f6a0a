import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { Failed } from '@/scripts/command';

/** Where a person answers. */
export interface Terminal {
  /** @param hidden what is typed is not shown */
  ask(question: string, hidden?: boolean): Promise<string>;
  close(): void;
}

/** Undefined where nobody sits. */
export function openTerminal(): Terminal | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  let readline: Interface | undefined;
  let isHidden = false;
  let ended = false;
  /** Lines typed before they were asked for, and whoever waits for the next. */
  const lines: string[] = [];
  let waiting: { answer: (line: string) => void; end: (reason: Error) => void } | undefined;

  const echo = new Writable({
    write: (chunk, _encoding, done) => {
      if (!isHidden) process.stdout.write(chunk as Buffer);
      done();
    },
  });

  const onLine = (line: string) => {
    if (waiting) waiting.answer(line);
    else lines.push(line);
    waiting = undefined;
  };

  function open(): Interface {
    const opened = createInterface({ input: process.stdin, output: echo, terminal: true, historySize: 0 });
    opened.on('line', onLine);
    opened.on('close', () => {
      ended = true;
      waiting?.end(new Failed('\nNothing was changed.'));
    });
    // In raw mode Ctrl-C is a key like others.
    opened.on('SIGINT', () => {
      opened.close();
      process.kill(process.pid, 'SIGINT');
    });
    return opened;
  }

  const nextLine = (): Promise<string> =>
    new Promise((answer, end) => {
      const early = lines.shift();
      if (early !== undefined) answer(early);
      else if (ended) end(new Failed('\nNothing was changed.'));
      else waiting = { answer, end };
    });

  return {
    async ask(question, hidden = false) {
      readline ??= open();
      if (hidden) process.stdout.write(question);
      isHidden = hidden;
      readline.setPrompt(hidden ? '' : question);
      readline.prompt();
      try {
        return (await nextLine()).trim();
      } finally {
        isHidden = false;
        if (hidden) process.stdout.write('\n');
      }
    },
    close: () => readline?.close(),
  };
}
