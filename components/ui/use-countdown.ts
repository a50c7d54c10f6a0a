import { useEffect, useState } from 'react';

/** A wait as the server gave it. Every new object starts a new count, also with the same seconds in it. */
export interface Wait {
  readonly seconds: number;
}

export const NO_WAIT: Wait = { seconds: 0 };

/** How often the clock is read, in milliseconds: often enough that no second is seen to be skipped. */
const TICK_MS = 250;

/**
 * Seconds left of a wait. Counts by the wall clock from the moment the wait is first rendered, so it is right after
 * the tab slept, and the server's HTML and the first render in the browser agree.
 */
export function useCountdown(wait: Wait): number {
  const [count, setCount] = useState({ wait, left: wait.seconds });

  useEffect(() => {
    if (wait.seconds <= 0) return;
    const until = Date.now() + wait.seconds * 1000;
    const tick = () => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      setCount((last) => (last.wait === wait && last.left === left ? last : { wait, left }));
      if (left === 0) stop();
    };
    const timer = setInterval(tick, TICK_MS);
    // A hidden tab's timers may fire once a minute only: read the clock as soon as somebody looks again.
    document.addEventListener('visibilitychange', tick);
    const stop = () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
    return stop;
  }, [wait]);

  return count.wait === wait ? count.left : wait.seconds;
}
