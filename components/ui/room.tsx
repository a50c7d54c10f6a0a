import { type ReactNode, useLayoutEffect, useRef } from 'react';

/**
 * Room for what comes and goes. It takes none until something is there; then it stays, so that what is below is pushed
 * once and does not jump back under a pointer.
 */
export function Room({ children }: { children: ReactNode }) {
  const room = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // By script, which the content security policy allows; a style attribute in the HTML it would not.
    if (room.current) room.current.style.minHeight = `${room.current.offsetHeight}px`;
  });
  return <div ref={room}>{children}</div>;
}
