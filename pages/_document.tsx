import NextDocument, { type DocumentContext, type DocumentProps, Head, Html, Main, NextScript } from 'next/document';
import { setPagePolicy } from '@/lib/http/content-security-policy';
import type { TextState } from '@/lib/http/page-props';
import { directionOf } from '@/lib/i18n/languages';

/** What the page's props say of it; nothing on static pages, which are in English and have a title of their own. */
function headOf({ props }: DocumentProps['__NEXT_DATA__']) {
  const { language, messages, title }: Partial<TextState> = props.pageProps ?? {};
  return { language: language ?? 'en', title, description: title && messages?.description };
}

/** `nonce`: none on static pages, which ship no script. */
export default function Document({ nonce, __NEXT_DATA__ }: DocumentProps & { nonce: string | undefined }) {
  const { language, title, description } = headOf(__NEXT_DATA__);
  const scripts = nonce === undefined ? {} : { nonce };
  return (
    <Html lang={language} dir={directionOf(language)}>
      <Head {...scripts}>
        {/* Here and not by next/head, which would come to the browser as script. */}
        {title && <title>{title}</title>}
        {description && <meta name="description" content={description} />}
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <meta name="format-detection" content="telephone=no" />
      </Head>
      <body>
        <Main />
        <NextScript {...scripts} />
      </body>
    </Html>
  );
}

// biome-ignore lint/style/noProcessEnv: no configuration; the build puts the value in its place
const development = process.env.NODE_ENV === 'development';

Document.getInitialProps = async (context: DocumentContext) => {
  // First: where rendering fails, the error page goes out with the policy for static pages.
  const initialProps = await NextDocument.getInitialProps(context);
  // `res` is there whenever a request is answered; static pages are made in the build.
  return { ...initialProps, nonce: context.res && setPagePolicy(context.res, { development }) };
};
