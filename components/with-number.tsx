import type { ReactNode } from 'react';

/** A text with a number in it, as an element of its own: `{number}`. */
export function WithNumber({ text, children }: { text: string; children: ReactNode }) {
  const [before, after] = text.split('{number}');
  return (
    <>
      {before}
      {children}
      {after}
    </>
  );
}
