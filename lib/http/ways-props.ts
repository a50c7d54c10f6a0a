import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GetServerSideProps, GetServerSidePropsContext } from 'next';
import type { z } from 'zod';
import { WAYS } from '@/lib/base-path';
import type { PageProblem, WaysState, WaysView } from '@/lib/contract';
import { AppError, ERRORS } from '@/lib/errors';
import type { Messages } from '@/lib/i18n/messages';
import { WAYS_MESSAGES } from '@/lib/i18n/ways';
import type { WaysMessages } from '@/lib/i18n/ways/messages';
import { formatPhoneNumber } from '@/lib/methods/phone/phone-number';
import { makeRecoveryCodes } from '@/lib/methods/recovery-code/make';
import { beginTotp, confirmTotp, resumeTotp } from '@/lib/methods/totp/enroll';
import { createRequestNotes, type RequestNotes } from '@/lib/observability/request-log';
import type { Caller } from '@/lib/verification/caller';
import { findSession } from '@/lib/verification/session';
import { readBody } from './body';
import { callerOf } from './caller';
import { clearCookie, readCookie, setCookie } from './cookies';
import { waysForm } from './factor-schemas';
import { isFormPost, parseForm } from './form';
import { requireSameOrigin } from './guards/same-origin';
import { chooseLanguage, type TextState, textsOf } from './page-props';
import { ERROR_SUBJECTS } from './page-state';
import { pageProblem, takeProblem } from './problem';
import type { Services } from './route';
import { waysView } from './ways-view';

type WaysProps = WaysState & Pick<TextState, 'title' | 'direction'>;

/** A form of the page. */
interface FormCall {
  readonly services: Services;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly caller: Caller;
  readonly log: RequestNotes;
  readonly form: z.infer<typeof waysForm>;
  readonly words: WaysMessages;
}

/** What the page shows after a form; undefined for the list. */
type Act = (call: FormCall) => Promise<WaysView | undefined>;

const ACTS: Readonly<Record<FormCall['form']['action'], Act>> = {
  async app({ services, res, caller, log }) {
    const { secret, uri, qr, ceremony } = await beginTotp(services, caller, log);
    setCookie(res, services.config, 'totp-enrollment', ceremony);
    return { kind: 'app', secret, uri, qr, name: '' };
  },
  async 'confirm-app'({ services, req, res, caller, log, form: { code = '', name }, words }) {
    const { config } = services;
    const ceremony = readCookie(req, config, 'totp-enrollment');
    const confirmation = { code, name: name ?? words.types.totp, ceremony };
    const { session, recoveryCodes } = await confirmTotp(services, confirmation, caller, log);
    clearCookie(res, config, 'totp-enrollment');
    setCookie(res, config, 'phone-session', session.sessionToken);
    return recoveryCodes && { kind: 'codes', codes: recoveryCodes };
  },
  async 'recovery-codes'({ services, caller, log }) {
    return { kind: 'codes', codes: await makeRecoveryCodes(services, caller, log) };
  },
};

/** Shows the form for the first code again if that code was wrong, so that the person can try the next one. */
async function appAgain({ services, req, caller, log, form }: FormCall): Promise<WaysView | undefined> {
  const ceremony = readCookie(req, services.config, 'totp-enrollment');
  const app = await resumeTotp(services, ceremony, caller, log);
  return app && { kind: 'app', ...app, name: form.name ?? '' };
}

async function readForm(
  context: GetServerSidePropsContext,
  services: Services,
  words: WaysMessages,
): Promise<FormCall> {
  const { req, res } = context;
  const caller = callerOf(req, services.config);
  requireSameOrigin(req.headers, services.config);
  const waitMs = await services.floodShield.take(caller.address);
  if (waitMs > 0) throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(waitMs / 1000) });
  const form = await readBody(req, waysForm, { takes: isFormPost, parse: parseForm });
  return { services, req, res, caller, log: createRequestNotes(), form, words };
}

/** The outcome of a form. Without a view, the page shows the list. */
interface Outcome {
  readonly view?: WaysView | undefined;
  readonly problem: PageProblem | null;
}

async function failed(
  error: unknown,
  call: FormCall | undefined,
  { res }: GetServerSidePropsContext,
  { report }: Services,
): Promise<Outcome> {
  if (!(error instanceof AppError)) throw error;
  res.statusCode = error.status;
  const { event } = ERRORS[error.code];
  if (event) report(event);
  const problem = pageProblem('factors', error);
  const again = call && error.code === 'WRONG_CODE' ? appAgain(call).catch(() => undefined) : undefined;
  return { problem, view: await again };
}

async function answerForm(
  context: GetServerSidePropsContext,
  services: Services,
  words: WaysMessages,
): Promise<Outcome | 'done'> {
  let call: FormCall | undefined;
  try {
    call = await readForm(context, services, words);
    const view = await ACTS[call.form.action](call);
    for (const event of call.log.events) services.report(event, call.log.fields);
    return view ? { view, problem: null } : 'done';
  } catch (error) {
    return failed(error, call, context, services);
  }
}

/** Problems that say no more than the page itself. */
const SAID_BY_VIEW: ReadonlySet<string> = new Set(['NO_SESSION', 'STEP_UP_REQUIRED']);

function titleOf({ kind }: WaysView, words: WaysMessages, { factors }: Messages): string {
  if (kind === 'app') return words.enroll.heading;
  return kind === 'codes' ? words.codes.heading : factors.ways;
}

async function stateOf(
  context: GetServerSidePropsContext,
  services: Services,
  outcome: Outcome,
): Promise<{ number: string | null; view: WaysView; problem: PageProblem | null }> {
  const { req, query } = context;
  const { view, problem } = outcome;
  if (view) return { number: null, view, problem };
  const { language } = textsOf(context, services);
  const caller = callerOf(req, services.config);
  try {
    const session = await findSession(services, caller.sessionToken);
    const found = await waysView(services, { session, caller, language, removed: query.remove });
    return {
      number: session ? formatPhoneNumber(session.phoneNumber) : null,
      view: found,
      problem: problem && SAID_BY_VIEW.has(problem.code) ? null : problem,
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    context.res.statusCode = error.status;
    return { number: null, view: { kind: 'outage' }, problem: pageProblem('factors', error) };
  }
}

/**
 * Makes the `getServerSideProps` of the page where people change their ways to verify. Its forms work without script.
 */
export function waysProps(getServices: () => Services): GetServerSideProps<WaysProps> {
  return async (context) => {
    const { req, res } = context;
    const services = getServices();
    if (!services.config.factors) return { notFound: true };
    res.setHeader('Cache-Control', 'no-store');
    const isForm = req.method === 'POST';
    const redirect = isForm ? undefined : chooseLanguage(context, services.config);
    if (redirect) return redirect;
    const texts = textsOf(context, services);
    const words = WAYS_MESSAGES[texts.language];
    const outcome = isForm ? await answerForm(context, services, words) : takeProblem(req, res, services, WAYS);
    // Redirect, so that a reload does not send the form again.
    if (outcome === 'done') return { redirect: { destination: WAYS, basePath: false, statusCode: 303 } };
    const state = await stateOf(context, services, outcome);
    const title = titleOf(state.view, words, texts.messages);
    return { props: { ...texts, words, errorSubjects: ERROR_SUBJECTS, title, ...state } };
  };
}
