import type { AppProps } from 'next/app';
import { useEffect } from 'react';
import { ChangeLanguage } from '@/components/ui/change-language';
import { BASE_PATH } from '@/lib/base-path';
import type { TextState } from '@/lib/http/page-props';
import '@/styles/globals.css';

/** The path of this page, without the base path, which the router adds. */
const pathHere = () => window.location.pathname.slice(BASE_PATH.length) || '/';

export default function App({ Component, pageProps, router }: AppProps<Partial<TextState>>) {
  const { language, direction, title } = pageProps;

  // The server's HTML sets the language and the direction at first. A change of language comes without new HTML.
  useEffect(() => {
    if (!language || !direction) return;
    Object.assign(document.documentElement, { lang: language, dir: direction });
    if (title) document.title = title;
  }, [language, direction, title]);

  return (
    // The address includes the path: Next would resolve a query alone against the pattern of the page's address.
    <ChangeLanguage value={(query) => void router.replace(pathHere() + query, undefined, { scroll: false })}>
      <Component {...pageProps} />
    </ChangeLanguage>
  );
}
