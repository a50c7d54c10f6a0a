import type { Later } from '@/components/flow/later';
import { WaysEntry } from './ways-entry';

let Screen: ReturnType<Later['screen']> =
  typeof window === 'undefined'
    ? (require('./later-screen') as typeof import('./later-screen')).LaterScreenWithWays
    : undefined;

/** What a page with other ways to verify shows on its first screen, and its later screens, which load with the first touch. */
export const WITH_WAYS: Later = {
  screen: () => Screen,
  load: () =>
    import('./later-screen').then(({ LaterScreenWithWays }) => {
      Screen = LaterScreenWithWays;
    }),
  otherWays: () => WaysEntry,
};
