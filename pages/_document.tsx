import NextDocument, { type DocumentContext, type DocumentProps, Head, Html, Main, NextScript } from 'next/document';
import { BASE_PATH } from '@/lib/base-path';
import { setPagePolicy } from '@/lib/http/content-security-policy';
import type { TextState } from '@/lib/http/page-props';
import { directionOf } from '@/lib/i18n/languages';
import { getServices } from '@/lib/services';

/** Static pages know nothing of the brand at build time, so they request its style sheet each time. */
const ANY_BRAND = `${BASE_PATH}/brand/styles.css`;

/** Reads title, language and style sheet from a page's props. Static pages are in English and set their own titles. */
function headOf({ props }: DocumentProps['__NEXT_DATA__']) {
  const { brand, language, messages, title }: Partial<TextState> = props.pageProps ?? {};
  const styles = brand ? brand.styles : ANY_BRAND;
  return { language: language ?? 'en', title, description: title && messages?.description, styles };
}

/** `nonce`: undefined on static pages, which have no scripts. */
export default function Document({ nonce, __NEXT_DATA__ }: DocumentProps & { nonce: string | undefined }) {
  const { language, title, description, styles } = headOf(__NEXT_DATA__);
  const scripts = nonce === undefined ? {} : { nonce };
  return (
    <Html lang={language} dir={directionOf(language)}>
      <Head {...scripts}>
        {/* Set here and not with next/head, which would send it to the browser as script. */}
        {title && <title>{title}</title>}
        {description && <meta name="description" content={description} />}
        {styles && <link rel="stylesheet" href={styles} />}
        <link rel="icon" href={`${BASE_PATH}/favicon.svg`} type="image/svg+xml" />
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
  // Must come first: if rendering fails, the error page goes out with the policy for static pages.
  const initialProps = await NextDocument.getInitialProps(context);
  // `res` exists whenever a request is answered; the build creates static pages without one.
  if (!context.res) return { ...initialProps, nonce: undefined };
  const frame = context.pathname === '/demo' ? getServices().config.demoInboxUrl : undefined;
  return { ...initialProps, nonce: setPagePolicy(context.res, { development, frame }) };
};
