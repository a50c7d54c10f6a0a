import type { NextApiHandler, NextApiRequest, NextApiResponse } from 'next';
import type { z } from 'zod';
import type { ProblemPlace } from '@/lib/contract';
import { AppError } from '@/lib/errors';
import { checkOrigin } from '@/lib/http/guards/same-origin';
import type { Report } from '@/lib/observability/events';
import { describeError, type Logger } from '@/lib/observability/logger';
import type { Metrics, Step } from '@/lib/observability/metrics';
import type { OnVerified } from '@/lib/on-verified';
import type { Client, Noted } from '@/lib/verification/client';
import type { Dependencies } from '@/lib/verification/dependencies';
import { endLateBody, readBody } from './body';
import { clientAddress } from './client-address';
import { setApiPolicy } from './content-security-policy';
import { readCookie } from './cookies';
import { formRepresentation, isFormPost } from './form';
import { jsonRepresentation } from './json';
import { observe } from './observe';
import type { Representation } from './representation';
import { requestId } from './request-id';
import { type Timings, timedServices } from './timed-services';

/** Everything that lives as long as the process, and that routes work with. */
export interface Services extends Dependencies {
  readonly logger: Logger;
  readonly report: Report;
  readonly metrics: Metrics;
  readonly onVerified: OnVerified;
  /** Variables that do not fit what arrives, told once each. */
  readonly warnings: Set<string>;
}

/** One request, past the guards. */
export interface RouteCall<Body> {
  readonly services: Services;
  readonly request: NextApiRequest;
  readonly response: NextApiResponse;
  readonly body: Body;
  /** Who asks, by its address and its cookies. */
  readonly client: Client;
}

type Method = 'GET' | 'POST' | 'DELETE';

/** Gives the JSON of the 200; nothing for a 204. */
type Handle<Body> = (call: RouteCall<Body>) => Promise<object | undefined> | object;

interface RouteOptions<Body> {
  /** Where it is served: its name in logs and metrics. */
  readonly path: `/api/${string}`;
  /** False where there is nothing at this address: every request is NOT_FOUND. */
  readonly isThere?: (config: Services['config']) => boolean;
  /** What its POSTs do to a verification: they are counted by country, channel and outcome. */
  readonly step?: Step;
  readonly methods: Readonly<Partial<Record<Method, Handle<Body>>>>;
  readonly body?: z.ZodType<Body>;
  /** Composed at the first request, not when the module loads. */
  readonly services: () => Services;
  /** Put into every error reply of the route. */
  readonly errorFields?: Readonly<Record<string, unknown>>;
  /** Where the page shows what went wrong with a form of its own; without it the route takes JSON only. */
  readonly formProblemsAt?: ProblemPlace;
}

/**
 * With a proxy in front that nobody counts, all clients look like one. Next itself puts the connection's address where
 * there was no header.
 */
function warnOfUnknownProxy(request: NextApiRequest, { config, report, warnings }: Services): void {
  const name = 'TRUSTED_PROXY_HOPS';
  if (config.trustedProxyHops > 0 || warnings.has(name)) return;
  if (request.headers['x-forwarded-for'] === request.socket.remoteAddress) return;
  warnings.add(name);
  report('config.unexpected_forwarded_for', {
    remedy: `X-Forwarded-For arrives, but ${name} is 0. Behind proxies set it to their number: limits count the proxy's address. Without a proxy a client made it up: leave it at 0.`,
  });
}

/** @throws {AppError} METHOD_NOT_ALLOWED, after setting `Allow` */
function handleOf<Body>(
  { method }: NextApiRequest,
  response: NextApiResponse,
  { methods }: RouteOptions<Body>,
): Handle<Body> {
  const handle = Object.entries(methods).find(([name]) => name === (method === 'HEAD' ? 'GET' : method))?.[1];
  if (handle) return handle;
  const allowed = Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
  response.setHeader('Allow', allowed.join(', '));
  throw new AppError('METHOD_NOT_ALLOWED');
}

function sendError(response: NextApiResponse, error: AppError, { fail }: Representation): void {
  const { retryAfterSeconds } = error.details;
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  // What is left of a body that was refused unread must not be taken for the next request.
  if (error.code === 'BODY_TOO_LARGE' || error.code === 'REQUEST_TIMEOUT') response.setHeader('Connection', 'close');
  fail(response, error);
}

/** Unforeseen errors become an opaque INTERNAL_ERROR; what they were is for the log. */
function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('INTERNAL_ERROR', { cause: describeError(error) });
}

/**
 * A Next API route: guards in front (method, origin, media type, size, schema), one mapper from errors to replies, one
 * log line and one measurement for each request. The page's file must export `config = { api: { bodyParser: false } }`:
 * Next's own parser turns form bodies into objects and takes a megabyte.
 */
export function route<Body = undefined>(options: RouteOptions<Body>): NextApiHandler {
  async function answer(services: Services, request: NextApiRequest, response: NextApiResponse, note: Client['note']) {
    let representation = jsonRepresentation(options.errorFields);
    try {
      const { config } = services;
      warnOfUnknownProxy(request, services);
      if (options.isThere?.(config) === false) throw new AppError('NOT_FOUND');
      const handle = handleOf(request, response, options);
      checkOrigin(request.headers, config.appOrigins);
      // Only now: what another site's form came to is not shown on our page.
      if (options.formProblemsAt && isFormPost(request.headers))
        representation = formRepresentation(options.formProblemsAt);
      const body = (options.body && (await readBody(request, options.body, representation))) as Body;
      const client: Client = {
        address: clientAddress(request, config.trustedProxyHops),
        verificationId: readCookie(request, config, 'verification'),
        sessionId: readCookie(request, config, 'phone-session'),
        note,
      };
      const reply = await handle({ services, request, response, body, client });
      // The place to act may have answered by itself.
      if (!response.writableEnded) representation.succeed(response, reply);
      return undefined;
    } catch (error) {
      const failure = toAppError(error);
      if (!response.headersSent) sendError(response, failure, representation);
      return failure;
    }
  }

  return async (request, response) => {
    const startedAt = performance.now();
    const id = requestId(request.headers['x-request-id']);
    response.setHeader('X-Request-Id', id);
    response.setHeader('Cache-Control', 'no-store');
    setApiPolicy(response);
    const timings: Timings = { upstreamMs: 0, storeMs: 0 };
    const services = timedServices(options.services(), timings);
    const noted: Noted = {};
    const note = (fields: Noted) => void Object.assign(noted, fields);
    const failure = await answer(services, request, response, note);
    endLateBody(request);
    const durationMs = performance.now() - startedAt;
    const { path, step } = options;
    const { method = '' } = request;
    observe(services, { id, path, step, method, status: response.statusCode, failure, noted, timings, durationMs });
  };
}
