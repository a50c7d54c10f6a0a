import { useEffect, useState } from 'react';

/** A wait from the server. Every new object starts a new countdown, even with the same seconds. */
export interface Wait {
  readonly seconds: number;
}

export const NO_WAIT: Wait = { seconds: 0 };

/** How often to read the clock, in milliseconds: often enough not to skip a visible second. */
const TICK_MS = 250;

/**
 * Seconds left of a wait. They follow the wall clock, so they are still right after the tab slept. They start with the
 * first render of the wait, so the first render in the browser matches the server's HTML.
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
    // A hidden tab's timers may fire only once a minute, so read the clock as soon as the tab is visible.
    document.addEventListener('visibilitychange', tick);
    const stop = () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
    return stop;
  }, [wait]);

  return count.wait === wait ? count.left : wait.seconds;
}
