import type { ReactNode } from 'react';

/** A text with an element in place of its `{number}`. */
export function Interpolate({ text, children }: { text: string; children: ReactNode }) {
  const [before, after] = text.split('{number}');
  return (
    <>
      {before}
      {children}
      {after}
    </>
  );
}
