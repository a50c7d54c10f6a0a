import type { ComponentType } from 'react';
import { WaysEntry } from '@/components/factors/ways-entry';
import type { PageState } from '@/lib/contract';
import type { Later } from './later';
import type { LaterScreenProps } from './later-screen';
import type { Requests } from './use-verification';

interface Parts extends Requests {
  readonly Screen: ComponentType<LaterScreenProps>;
}

/** @param atOnce the screens on the server, which has them from the start; undefined in a browser */
function laterOf(
  atOnce: Parts['Screen'] | undefined,
  load: () => Promise<Parts>,
  more?: Pick<Later, 'OtherWays'>,
): Later {
  let Screen = atOnce;
  return {
    screen: () => Screen,
    load: async () => {
      const parts = await load();
      ({ Screen } = parts);
      return parts;
    },
    ...more,
  };
}

const LATER = laterOf(
  typeof window === 'undefined' ? (require('./later-parts') as typeof import('./later-parts')).Screen : undefined,
  () => import('./later-parts'),
);

const WITH_WAYS = laterOf(
  typeof window === 'undefined'
    ? (require('@/components/factors/later-parts') as typeof import('@/components/factors/later-parts')).Screen
    : undefined,
  () => import('@/components/factors/later-parts'),
  { OtherWays: WaysEntry },
);

/** The later parts of our own page, which load on the first interaction. */
export const laterFor = ({ factors }: Pick<PageState, 'factors'>): Later => (factors ? WITH_WAYS : LATER);

interface NextData {
  readonly props: { readonly pageProps: Partial<PageState> };
}

/**
 * Waits in a browser for the parts that its page begins with, so that the first render finds them. If they don't load,
 * it waits forever: the page stays as the server sent it, and its forms work. An error would replace the page.
 */
export async function partsOfThisPage(): Promise<void> {
  if (typeof window === 'undefined') return;
  const { step = 'phone', factors = null } = (window as unknown as { __NEXT_DATA__: NextData }).__NEXT_DATA__.props
    .pageProps;
  if (step !== 'phone')
    await laterFor({ factors })
      .load()
      .catch(() => new Promise<never>(() => undefined));
}
