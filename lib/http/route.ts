import type { NextApiHandler, NextApiRequest, NextApiResponse } from 'next';
import { AppError } from '@/lib/errors';
import type { PhoneDependencies } from '@/lib/methods/phone/dependencies';
import type { Report } from '@/lib/observability/events';
import { describeError, type Logger } from '@/lib/observability/logger';
import type { FactorName, Metrics, Step } from '@/lib/observability/metrics';
import { createRequestNotes, type RequestLog } from '@/lib/observability/request-log';
import type { OnVerified } from '@/lib/on-verified';
import type { OpenId } from '@/lib/openid/openid';
import type { Caller } from '@/lib/verification/caller';
import { setApiHeaders } from './api-headers';
import type { ApiKeys, KeyHolder } from './api-keys';
import { endLateBody } from './body';
import type { Brand } from './brand';
import { callerOf, warnOfUnknownProxy } from './caller';
import type { FloodShield } from './guards/flood-shield';
import { jsonRepresentation } from './json';
import type { OpenLogin } from './login';
import { observe } from './observe';
import type { Representation } from './representation';
import { requestId } from './request-id';

/** The services that routes work with. They live as long as the process. */
export interface Services extends PhoneDependencies {
  /** Checks that the store accepts writes. @throws {AppError} STORE_UNAVAILABLE */
  readonly pingStore: () => Promise<void>;
  readonly logger: Logger;
  readonly report: Report;
  readonly metrics: Metrics;
  readonly floodShield: FloodShield;
  readonly brand: Brand;
  /** Undefined if no program has a key. */
  readonly apiKeys: ApiKeys | undefined;
  readonly onVerified: OnVerified;
  /** Undefined if no other application logs people in here. */
  readonly openid: OpenId | undefined;
  /**
   * Configuration variables that do not fit the incoming requests, and `clock` while this machine's clock differs from
   * Infobip's. Each is reported once.
   */
  readonly warnings: Set<string>;
}

/** One request on its way through the guards to the handler. */
export interface RouteCall<Body = unknown> {
  readonly services: Services;
  readonly request: NextApiRequest;
  readonly response: NextApiResponse;
  readonly requestId: string;
  /** Adds the request's id to each line. */
  readonly logger: Logger;
  /** Collects what the request's one log line says. */
  readonly log: RequestLog;
  caller: Caller;
  /** The program whose key the request carries; undefined if there is none. */
  keyHolder: KeyHolder | undefined;
  /** The login at another application that the request belongs to; undefined if there is none. */
  login: OpenLogin | undefined;
  /** Undefined until a guard has read the body. */
  body: Body;
  /** How the reply is written: as JSON, unless a guard finds that the request is a form. */
  representation: Representation;
}

/** Looks at a request before the handler does, and throws an AppError to refuse it. */
export type Guard<Body = unknown> = (call: RouteCall<Body>) => Promise<void> | void;

export interface Route<Body> {
  /** The route's path: its name in logs and metrics. */
  readonly path: `/api/${string}`;
  /** Returns the services at the first request, not when the module loads. */
  readonly services: () => Services;
  /** The step that its POSTs take on a verification. Metrics count them by country, channel and outcome. */
  readonly step?: Step;
  /** The factor that its POSTs verify a number with. Metrics count them by outcome. */
  readonly factor?: FactorName;
  /**
   * Whether machines request the route all day. Its requests are logged at debug, unless they fail or have an event.
   */
  readonly isProbe?: true;
  /** Guards, in the order in which they run. */
  readonly guards: readonly Guard<Body>[];
  /**
   * Returns the JSON of the reply, or nothing for a 204. It may set a status other than 200, or send its own response.
   */
  readonly handle: (call: RouteCall<Body>) => Promise<object | undefined> | object;
  /** Fields of every error reply of the route. */
  readonly errorFields?: Readonly<Record<string, unknown>>;
}

function sendError(call: RouteCall, error: AppError): void {
  const { response, representation } = call;
  const { retryAfterSeconds } = error.details;
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  // If a guard refused the body before reading all of it, the server must not take the rest for the next request.
  if (error.code === 'BODY_TOO_LARGE' || error.code === 'REQUEST_TIMEOUT') response.setHeader('Connection', 'close');
  representation.fail(call, error);
}

/** Turns unforeseen errors into an opaque INTERNAL_ERROR; only the log says what they were. */
function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('INTERNAL_ERROR', { cause: describeError(error) });
}

/** Answers the request. @returns the error, if it failed */
async function answer<Body>(call: RouteCall<Body>, { guards, handle }: Route<Body>): Promise<AppError | undefined> {
  const { response } = call;
  try {
    for (const guard of guards) {
      const pending = guard(call);
      // Most guards decide synchronously, and waiting for them would cost a turn of the event loop.
      if (pending) await pending;
    }
    const reply = await handle(call);
    // Do not check `writableEnded`: if Next compresses the reply, that comes later.
    if (!response.headersSent) call.representation.succeed(call, reply);
    return undefined;
  } catch (error) {
    const failure = toAppError(error);
    if (!response.headersSent) sendError(call, failure);
    return failure;
  }
}

/**
 * A Next API route: its guards in order, then its handler; one mapper from errors to replies; one log line and one
 * measurement for each request. The page's file must export `config = { api: { bodyParser: false } }`: Next's own
 * parser turns form bodies into objects and accepts a megabyte.
 */
export function route<Body>(options: Route<Body>): NextApiHandler {
  const { path, step, factor, isProbe = false } = options;
  const json = jsonRepresentation(options.errorFields);

  return async (request, response) => {
    const startedAt = performance.now();
    const id = requestId(request.headers['x-request-id']);
    response.setHeader('X-Request-Id', id);
    setApiHeaders(response);
    const services = options.services();
    warnOfUnknownProxy(request, services);
    const notes = createRequestNotes();
    const failure = await answer(
      {
        services,
        request,
        response,
        requestId: id,
        // Create it only when something needs it: most requests log only their one line.
        get logger() {
          return services.logger.child({ requestId: id });
        },
        log: notes,
        caller: callerOf(request, services.config),
        keyHolder: undefined,
        login: undefined,
        body: undefined as Body,
        representation: json,
      },
      options,
    );
    endLateBody(request);
    const durationMs = performance.now() - startedAt;
    const { method = '' } = request;
    observe(services, {
      id,
      path,
      step,
      factor,
      isProbe,
      method,
      status: response.statusCode,
      failure,
      notes,
      durationMs,
    });
  };
}
