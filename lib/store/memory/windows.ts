import type { Row } from '@/lib/store/limits';

interface Window {
  count: number;
  /** Epoch milliseconds. */
  endsAt: number;
}

/** Counts for one key, by the field of their row. A plain object takes a third of the memory of a map. */
export type Windows = Record<string, Window>;

export function isEmpty(windows: Windows): boolean {
  for (const _ in windows) return false;
  return true;
}

/** When the last of the windows ends, in epoch milliseconds; 0 if there is none. `for … in` allocates no list. */
export function lastEnd(windows: Windows): number {
  let end = 0;
  for (const field in windows) end = Math.max(end, windows[field]?.endsAt ?? 0);
  return end;
}

/** Milliseconds until the row has room; 0 if it has room now. */
export function windowWait(
  windows: Windows | undefined,
  field: string,
  { points, cost, windowMs }: Row,
  now: number,
): number {
  const window = windows?.[field];
  const isOpen = window !== undefined && window.endsAt > now;
  if ((isOpen ? window.count : 0) + cost <= points) return 0;
  // A cost above the whole limit never fits.
  return isOpen ? window.endsAt - now : windowMs;
}

/** Takes the row's cost. @returns the window after that */
export function takeWindow(windows: Windows, field: string, { cost, windowMs }: Row, now: number): Readonly<Window> {
  const window = windows[field];
  if (window && window.endsAt > now) {
    window.count += cost;
    return window;
  }
  const opened = { count: cost, endsAt: now + windowMs };
  windows[field] = opened;
  return opened;
}

/** Gives the row's cost back, unless the window has ended since: in the next window it would count as credit. */
export function releaseWindow(windows: Windows, field: string, { cost, windowMs }: Row, takenAt: number): void {
  const window = windows[field];
  if (!window || window.endsAt - windowMs > takenAt) return;
  window.count -= cost;
  if (window.count <= 0) delete windows[field];
}

/** Drops ended windows, because requests about a busy subject come from new networks every day. */
export function dropEnded(windows: Windows, now: number): void {
  for (const field in windows) if ((windows[field]?.endsAt ?? 0) <= now) delete windows[field];
}
