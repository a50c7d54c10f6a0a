import type { z } from 'zod';
import { ApiError, type ValidationErrors } from './errors';
import type { OperationName } from './faults';
import type { Scope, State } from './state';

/** The answer to an operation: a status and a JSON body, or no answer at all. */
export type Reply = { status: number; body: unknown; headers?: Record<string, string> } | 'hang';

/** A request as it arrived, for one operation. */
export interface RawCall {
  /** Values of the path's `{names}`, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  contentType: string | undefined;
  text: string;
}

interface Call<Query, Body> {
  params: Record<string, string>;
  query: Query;
  body: Body;
}

interface Definition<Query extends z.ZodType, Body extends z.ZodType> {
  name: OperationName;
  method: 'GET' | 'POST' | 'PUT';
  /** The path as the document writes it. */
  path: string;
  /** Any one of these scopes is enough. Document: x-scopes. */
  scopes: readonly Scope[];
  /** Checks every query parameter. Without a schema, the operation allows none. */
  query?: Query;
  /** Checks the body. Without a schema, the operation ignores the body. */
  body?: Body;
  /** Whether the body is optional. */
  bodyOptional?: true;
  run(call: Call<z.infer<Query>, z.infer<Body>>, state: State): Reply;
}

/** One of the API's operations. `run` checks the query and the body itself, so their types do not appear here. */
export interface Operation {
  name: OperationName;
  method: string;
  pattern: RegExp;
  scopes: readonly Scope[];
  run(call: RawCall, state: State): Reply;
}

export function operation<Query extends z.ZodType, Body extends z.ZodType>(
  definition: Definition<Query, Body>,
): Operation {
  const { name, method, path, scopes, query, body } = definition;
  return {
    name,
    method,
    scopes,
    pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
    run: (call, state) =>
      definition.run(
        {
          params: call.params,
          query: checkQuery(call.query, query),
          body: body ? check(body, parseJson(call, definition.bodyOptional)) : (undefined as z.infer<Body>),
        },
        state,
      ),
  };
}

function checkQuery<Query extends z.ZodType>(query: URLSearchParams, schema: Query | undefined): z.infer<Query> {
  const values = Object.fromEntries(query);
  const repeated = [...query.keys()].find((key) => query.getAll(key).length > 1);
  const unwanted = repeated ?? (schema ? undefined : [...query.keys()][0]);
  if (unwanted !== undefined) refuse({ [unwanted]: ['unexpected query parameter'] });
  return schema ? check(schema, values) : (undefined as z.infer<Query>);
}

function parseJson(call: RawCall, optional: boolean | undefined): unknown {
  if (call.text === '' && optional) return {};
  if (!/^application\/json\s*(;|$)/i.test(call.contentType ?? '')) {
    throw new ApiError('BAD_REQUEST', { status: 415, text: 'Unsupported media type: use application/json' });
  }
  try {
    return JSON.parse(call.text);
  } catch {
    throw new ApiError('BAD_REQUEST', { text: 'Malformed JSON' });
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors: ValidationErrors = {};
  for (const issue of result.error.issues) {
    const path = issue.path.join('.');
    const fields =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => (path === '' ? key : `${path}.${key}`)) : [path];
    for (const field of fields) errors[field || 'request'] = [...(errors[field || 'request'] ?? []), issue.message];
  }
  return refuse(errors);
}

function refuse(validationErrors: ValidationErrors): never {
  throw new ApiError('BAD_REQUEST', { validationErrors });
}
