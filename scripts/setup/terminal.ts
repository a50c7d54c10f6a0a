import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from '@/scripts/command';

/** The terminal of a person who answers. */
export interface Terminal {
  /** @param hidden keeps the typing invisible */
  ask(question: string, hidden?: boolean): Promise<string>;
  close(): void;
}

/** Undefined if there is no terminal, and so nobody to ask. */
export function openTerminal(): Terminal | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  let readline: Interface | undefined;
  /** Whether typed text appears. It stays hidden while no question waits: it may be the API key, pasted too early. */
  let isShown = false;
  let ended = false;
  let isTooEarly = false;
  let waiting: { answer: (line: string) => void; end: (reason: Error) => void } | undefined;

  const echo = new Writable({
    write: (chunk, _encoding, done) => {
      if (isShown) process.stdout.write(chunk as Buffer);
      done();
    },
  });

  const onLine = (line: string) => {
    isShown = false;
    if (waiting) waiting.answer(line);
    else isTooEarly ||= line.trim() !== '';
    waiting = undefined;
  };

  function open(): Interface {
    const opened = createInterface({ input: process.stdin, output: echo, terminal: true, historySize: 0 });
    opened.on('line', onLine);
    opened.on('close', () => {
      ended = true;
      waiting?.end(new CommandError('\nNothing was changed.'));
    });
    // In raw mode Ctrl-C is a key like any other.
    opened.on('SIGINT', () => {
      opened.close();
      process.kill(process.pid, 'SIGINT');
    });
    return opened;
  }

  /** Drops earlier input, because it does not answer the question. */
  function dropEarly(from: Interface): void {
    if (isTooEarly || from.line.trim() !== '')
      process.stdout.write('What you typed before this question does not count. Type it again.\n');
    isTooEarly = false;
    from.write(null, { ctrl: true, name: 'e' });
    from.write(null, { ctrl: true, name: 'u' });
  }

  const nextLine = (): Promise<string> =>
    new Promise((answer, end) => {
      if (ended) end(new CommandError('\nNothing was changed.'));
      else waiting = { answer, end };
    });

  return {
    async ask(question, hidden = false) {
      readline ??= open();
      if (!ended) dropEarly(readline);
      if (hidden) process.stdout.write(question);
      isShown = !hidden;
      readline.setPrompt(hidden ? '' : question);
      readline.prompt();
      try {
        return (await nextLine()).trim();
      } finally {
        isShown = false;
        if (hidden) process.stdout.write('\n');
      }
    },
    close: () => readline?.close(),
  };
}
