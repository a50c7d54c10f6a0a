import { useSyncExternalStore } from 'react';

const never = () => () => {};

/** Whether the page's script runs: false in the server's HTML, and for as long as that is all there is. */
export const useHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
