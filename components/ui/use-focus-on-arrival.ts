import { type RefObject, useEffect, useState } from 'react';
import { useHydrated } from './use-hydrated';

/** Moves the focus to a screen that replaces another one. A page that just loaded leaves the focus alone. */
export function useFocusOnArrival(target: RefObject<HTMLElement | null>): void {
  const [isLater] = useState(useHydrated());
  useEffect(() => {
    if (isLater) target.current?.focus();
  }, [isLater, target]);
}
