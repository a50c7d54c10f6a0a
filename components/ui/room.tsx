import { type ReactNode, useLayoutEffect, useRef } from 'react';

/**
 * Space for content that comes and goes. It stays empty until there is content, and then keeps its height. So
 * everything below moves once, and does not jump back under a pointer.
 */
export function Room({ children }: { children: ReactNode }) {
  const room = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // Set by script: the content security policy refuses a style attribute in the HTML.
    if (room.current) room.current.style.minHeight = `${room.current.offsetHeight}px`;
  });
  return <div ref={room}>{children}</div>;
}
