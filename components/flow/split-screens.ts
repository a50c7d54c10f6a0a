import type { PageState } from '@/lib/contract';
import type { Later } from './later';

/** On the server they are always there. */
let Screen: ReturnType<Later['screen']> =
  typeof window === 'undefined'
    ? (require('./later-screen') as typeof import('./later-screen')).LaterScreen
    : undefined;

/** The later screens of our own page, in a part of the script that loads with the first touch. */
const LATER: Later = {
  screen: () => Screen,
  load: () =>
    import('./later-screen').then(({ LaterScreen }) => {
      Screen = LaterScreen;
    }),
};

let withWays: Later | undefined =
  typeof window === 'undefined'
    ? (require('@/components/factors/later') as typeof import('@/components/factors/later')).WITH_WAYS
    : undefined;

/** The same for a page on which people can verify in other ways, too. What its first screen shows of them has to be there. */
export const laterFor = ({ factors }: Pick<PageState, 'factors'>): Later => (factors && withWays) || LATER;

interface NextData {
  readonly props: { readonly pageProps: Partial<PageState> };
}

const forever = () => new Promise<never>(() => undefined);

/**
 * Waits in a browser for the parts that its page begins with, so that the first render finds them. If they don't load, it
 * waits forever: the page stays as the server sent it, and its forms work. An error would replace the page.
 */
export async function partsOfThisPage(): Promise<void> {
  if (typeof window === 'undefined') return;
  const { step = 'phone', factors = null } = (window as unknown as { __NEXT_DATA__: NextData }).__NEXT_DATA__.props
    .pageProps;
  if (factors) ({ WITH_WAYS: withWays } = await import('@/components/factors/later').catch(forever));
  if (step !== 'phone') await laterFor({ factors }).load().catch(forever);
}
