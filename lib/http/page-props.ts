import type { GetServerSideProps, GetServerSidePropsContext, Redirect } from 'next';
import { HOME } from '@/lib/base-path';
import type { Config } from '@/lib/config/config';
import type { PageState } from '@/lib/contract';
import { AppError, ERRORS } from '@/lib/errors';
import { messagesFor } from '@/lib/i18n';
import { directionOf, isLanguage } from '@/lib/i18n/languages';
import type { Messages } from '@/lib/i18n/messages';
import { setCookie } from './cookies';
import { languageOf } from './language';
import { readLanguageForm } from './language-form';
import type { OpenLogin } from './login';
import { createPageState, type PageServices } from './page-state';
import { keepTyped, takeProblem } from './problem';
import { refuse } from './refuse';

/** The answer to `?lang=`: keeps the language for a year, and redirects to the page without the parameter. */
export function chooseLanguage(
  { query, res, resolvedUrl }: GetServerSidePropsContext,
  config: Config,
): { redirect: Redirect } | undefined {
  if (!isLanguage(query.lang)) return undefined;
  setCookie(res, config, 'language', query.lang);
  const [path] = resolvedUrl.split('?');
  return { redirect: { destination: query.step === 'phone' ? `${path}?step=phone` : `${path}`, statusCode: 303 } };
}

/** The props of a page that consists of texts. */
export interface TextState extends Pick<PageState, 'brand' | 'language' | 'messages'> {
  /** Title of the document. */
  readonly title: string;
  readonly direction: 'ltr' | 'rtl';
}

/**
 * Creates the `getServerSideProps` of a page with texts.
 * @param titleOf picks its title
 */
export const textProps =
  (getServices: () => PageServices, titleOf: (messages: Messages) => string): GetServerSideProps<TextState> =>
  async (context) => {
    const services = getServices();
    const redirect = chooseLanguage(context, services.config);
    if (redirect) return redirect;
    const texts = textsOf(context, services);
    return { props: { ...texts, title: titleOf(texts.messages) } };
  };

/** What a page of texts shows, apart from its title. */
export function textsOf({ req }: GetServerSidePropsContext, { config, brand }: PageServices): Omit<TextState, 'title'> {
  const language = languageOf(req, config);
  const messages = messagesFor(language, brand.page.name);
  return { brand: brand.page, language, messages, direction: directionOf(language) };
}

/** Nobody sees these props, because the reply is already complete. */
export const NOT_SHOWN = { props: {} as PageState };

/**
 * The answer to a language form: keeps the language and the typed number in cookies, and redirects to the page, so that
 * a reload sends no form.
 */
async function keepLanguageForm({ req, res }: GetServerSidePropsContext, services: PageServices, page: string) {
  try {
    const { language, typed } = await readLanguageForm(req, services.config);
    setCookie(res, services.config, 'language', language);
    keepTyped(res, services, typed);
    return { redirect: { destination: page, basePath: false, statusCode: 303 } as const };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { event } = ERRORS[error.code];
    if (event) services.report(event);
    refuse(req, res, error);
    return NOT_SHOWN;
  }
}

/**
 * Makes the main page's `getServerSideProps`. Loading the page sends no message.
 * @param titleOf picks the document's title; leave it out for a page that sets its own
 */
export function pageProps(
  getServices: () => PageServices,
  titleOf?: (messages: Messages) => string,
): GetServerSideProps<PageState & Partial<TextState>> {
  const propsOf = createStateProps();
  return async (context) => {
    const services = getServices();
    context.res.setHeader('Cache-Control', 'no-store');
    if (context.req.method === 'POST') return keepLanguageForm(context, services, HOME);
    return chooseLanguage(context, services.config) ?? { props: await propsOf(context, services, titleOf) };
  };
}

/**
 * Makes the function from which `pageProps` and the page of a login get their props: the state, and the document's
 * title and direction.
 */
export function createStateProps() {
  const stateOf = createPageState();
  return async (
    { req, res, query }: GetServerSidePropsContext,
    services: PageServices,
    titleOf?: (messages: Messages) => string,
    login?: OpenLogin,
  ): Promise<PageState & Partial<TextState>> => {
    const language = languageOf(req, services.config, login);
    const kept = takeProblem(req, res, services);
    const state = await stateOf(services, req, { language, step: query.step, kept, login, isOurPage: true });
    return { ...state, ...(titleOf && { title: titleOf(state.messages) }), direction: directionOf(language) };
  };
}
