import type { Later } from './flow';

/** On the server they are always there. */
let Screen: ReturnType<Later['screen']> =
  typeof window === 'undefined'
    ? (require('./later-screen') as typeof import('./later-screen')).LaterScreen
    : undefined;

/** The later screens of our own page, in a part of the script that loads with the first touch. */
export const LATER: Later = {
  screen: () => Screen,
  load: () =>
    import('./later-screen').then(({ LaterScreen }) => {
      Screen = LaterScreen;
    }),
};

interface NextData {
  readonly props: { readonly pageProps: { readonly step?: string } };
}

const forever = () => new Promise<never>(() => undefined);

/**
 * Waits for the later screens in a browser whose page begins with one of them, so that the first render finds them. If they
 * don't load, it waits forever: the page stays as the server sent it, and its forms work. An error would replace the page.
 */
export async function screensOfThisPage(): Promise<void> {
  if (typeof window === 'undefined') return;
  const { step } = (window as unknown as { __NEXT_DATA__: NextData }).__NEXT_DATA__.props.pageProps;
  if (step !== undefined && step !== 'phone') await LATER.load().catch(forever);
}
