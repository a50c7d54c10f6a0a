import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { APPLICATION_OPERATIONS } from './application-operations';
import { ApiError } from './errors';
import type { PlannedFault } from './faults';
import { sendFaulty } from './faulty-replies';
import { readBody, sendJson, splitTarget } from './http';
import type { Operation, RawCall, Reply } from './operation';
import { PIN_OPERATIONS } from './pin-operations';
import { bodyForLog, type RecordedRequest } from './request-log';
import type { State } from './state';

const OPERATIONS = [...PIN_OPERATIONS, ...APPLICATION_OPERATIONS];

/** Answers a request below `/2fa/`: records it, processes it, and sends a faulty reply if one is planned. */
export async function answerApi(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const { path, query } = splitTarget(request.url ?? '');
  const candidates = OPERATIONS.filter(({ pattern }) => pattern.test(path));
  const operation = candidates.find(({ method }) => method === request.method);
  const text = await readBody(request);
  const entry: RecordedRequest = {
    at: new Date(state.clock.now()).toISOString(),
    method: request.method ?? '',
    path,
    query: Object.fromEntries(query),
    headers: request.headers,
    body: text === null ? null : bodyForLog(text),
    operation: operation?.name ?? null,
    status: null,
  };
  state.requests.add(entry);

  const handle = (): Reply =>
    attempt(() => {
      if (!operation) throw noOperation(candidates);
      if (text === null) throw tooLarge();
      authorize(request.headers.authorization, operation, state);
      const contentType = request.headers['content-type'];
      return operation.run({ params: paramsOf(operation, path), query, contentType, text }, state);
    });
  await write(response, operation && state.faults.take(operation.name), handle);
  entry.status = response.headersSent ? response.statusCode : null;
}

/** Kinds that change the request's own reply, and therefore always process the request. */
const ALWAYS_PROCESSED: readonly string[] = ['patch', 'delay'];

async function write(response: ServerResponse, planned: PlannedFault | undefined, handle: () => Reply): Promise<void> {
  const wait = () => (planned?.fault.kind === 'delay' ? sleep(planned.fault.ms, undefined, { ref: false }) : undefined);
  if (planned && !planned.processed) await wait();
  const skipped = planned && !planned.processed && !ALWAYS_PROCESSED.includes(planned.fault.kind);
  const reply = skipped ? undefined : handle();
  if (planned?.processed) await wait();

  if (reply === 'hang') return;
  if (planned) sendFaulty(response, planned.fault, reply);
  else if (reply) sendJson(response, reply.status, reply.body, reply.headers);
}

/** Turns a thrown {@link ApiError} into its reply. */
function attempt(run: () => Reply): Reply {
  try {
    return run();
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.body, headers: error.headers };
    throw error;
  }
}

/** Document: securitySchemes, APIKeyHeader; x-scopes. */
function authorize(header: string | undefined, operation: Operation, state: State): void {
  const scopes = state.apiKeys.get(/^App (.+)$/.exec(header ?? '')?.[1] ?? '');
  if (!scopes) throw new ApiError('UNAUTHORIZED');
  if (!operation.scopes.some((scope) => scopes.includes(scope))) throw new ApiError('FORBIDDEN');
}

function noOperation(samePath: Operation[]): ApiError {
  const allow = samePath.map(({ method }) => method).join(', ');
  return allow === ''
    ? new ApiError('NOT_FOUND')
    : new ApiError('BAD_REQUEST', { status: 405, text: 'Method not allowed', headers: { allow } });
}

function tooLarge(): ApiError {
  return new ApiError('BAD_REQUEST', { status: 413, text: 'Request body is larger than 64 kB' });
}

function paramsOf(operation: Operation, path: string): RawCall['params'] {
  const groups = Object.entries(operation.pattern.exec(path)?.groups ?? {});
  try {
    return Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new ApiError('BAD_REQUEST', { text: 'Malformed path' });
  }
}
