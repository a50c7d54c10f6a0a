interface Task {
  dueAt: number;
  run: () => void;
  timer: NodeJS.Timeout;
}

/** The simulator's time in milliseconds since 1970: the machine's time plus what tests have added. */
export class Clock {
  #addedMs = 0;
  readonly #tasks = new Set<Task>();

  now(): number {
    return Date.now() + this.#addedMs;
  }

  /** Runs `run` once, `delayMs` from now by this clock, or as soon as the clock moves past that time. */
  after(delayMs: number, run: () => void): void {
    const task: Task = {
      dueAt: this.now() + delayMs,
      run,
      timer: setTimeout(() => this.#finish(task), delayMs).unref(),
    };
    this.#tasks.add(task);
  }

  /** Moves the clock forward. Everything that falls due runs in order before this returns. */
  advance(ms: number): void {
    this.#addedMs += ms;
    const now = this.now();
    for (const task of [...this.#tasks].sort((a, b) => a.dueAt - b.dueAt)) {
      clearTimeout(task.timer);
      if (task.dueAt <= now) this.#finish(task);
      else task.timer = setTimeout(() => this.#finish(task), task.dueAt - now).unref();
    }
  }

  /** Returns to the machine's time, and drops everything that was still due. */
  reset(): void {
    for (const task of this.#tasks) clearTimeout(task.timer);
    this.#tasks.clear();
    this.#addedMs = 0;
  }

  #finish(task: Task): void {
    if (this.#tasks.delete(task)) task.run();
  }
}
