import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { plannedFaultSchema } from './faults';
import { readBody, sendJson } from './http';
import { resetState, type State } from './state';

/** The answer from a control route; without a body it is a 204. */
type ControlReply = { status: number; body: unknown } | undefined;

interface ControlRoute {
  /** Schema of the body; without one, the route does not read the body. */
  body?: z.ZodType;
  run(state: State, body: unknown): ControlReply;
}

function route<Body extends z.ZodType>(
  body: Body,
  run: (state: State, body: z.infer<Body>) => ControlReply,
): ControlRoute {
  return { body, run: (state, value) => run(state, value as z.infer<Body>) };
}

/** At most a century at once, so that times stay valid dates. */
const clockSchema = z.strictObject({
  advanceMs: z
    .int()
    .min(0)
    .max(100 * 365 * 86_400_000),
});

/** The endpoints with which tests and demos control the simulator: routes by method and path. */
const ROUTES: Record<string, ControlRoute> = {
  'POST /control/faults': route(plannedFaultSchema, (state, planned) => {
    state.faults.plan(planned);
    return { status: 201, body: planned };
  }),
  'DELETE /control/faults': { run: (state) => void state.faults.clear() },
  'POST /control/clock': route(clockSchema, (state, { advanceMs }) => {
    state.clock.advance(advanceMs);
    return { status: 200, body: { now: new Date(state.clock.now()).toISOString() } };
  }),
  'GET /control/requests': { run: (state) => ({ status: 200, body: state.requests.list() }) },
  'DELETE /control/requests': { run: (state) => void state.requests.clear() },
  'POST /control/reset': { run: (state) => void resetState(state) },
};

/** Answers a request below `/control/`. A request with a mistake gets a 400, and `error` says what is wrong. */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  state: State,
): Promise<void> {
  const found = ROUTES[`${request.method} ${path}`];
  if (!found) {
    sendJson(response, 404, {
      error: `No such control endpoint. The endpoints are: ${Object.keys(ROUTES).join(', ')}`,
    });
    return;
  }
  const body = found.body ? await checkedBody(request, found.body) : { value: undefined };
  if ('error' in body) {
    sendJson(response, 400, body);
    return;
  }
  const reply = found.run(state, body.value);
  if (reply) sendJson(response, reply.status, reply.body);
  else response.writeHead(204).end();
}

async function checkedBody(
  request: IncomingMessage,
  schema: z.ZodType,
): Promise<{ value: unknown } | { error: string }> {
  // Requiring this content type keeps other sites out: their pages cannot send it without a preflight request, which
  // gets no answer.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { error: 'Send the body as application/json.' };
  }
  const text = await readBody(request);
  if (text === null) return { error: 'The body is larger than 64 kB.' };
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? { value: result.data } : { error: z.prettifyError(result.error) };
  } catch {
    return { error: 'The body is not JSON.' };
  }
}
