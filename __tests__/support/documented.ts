import { readFileSync } from 'node:fs';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import type { Reply } from './app';

const FILE = 'docs/openapi.json';

interface Operation {
  responses: Record<string, { content?: { 'application/json'?: unknown } }>;
}

const text = readFileSync(FILE, 'utf8');
const document = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> };
const ajv = new Ajv2020({ strict: false });
ajv.addSchema(document, 'openapi');
const validators = new Map<string, ValidateFunction>();

const escapePointer = (part: string) => part.replace(/~/g, '~0').replace(/\//g, '~1');

function check(pointer: readonly string[], value: unknown): void {
  const ref = `openapi#/${pointer.map(escapePointer).join('/')}`;
  const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
  validators.set(ref, validate);
  if (!validate(value))
    throw new Error(`Does not match ${ref} in ${FILE}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`);
}

/** The document's path for the path of a request, such as `/api/factors/{id}` for the path of one factor. */
const templateOf = (path: string): string =>
  path in document.paths
    ? path
    : (Object.keys(document.paths).find((template) =>
        new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
      ) ?? path);

/** Every reply in every test must match the API's document: a known status for the route, and a body of its schema. */
export function expectDocumented(method: string, path: string, reply: Reply): void {
  const route = templateOf(path.split('?')[0] ?? path);
  const operation = document.paths[route]?.[method.toLowerCase()];
  // The server must refuse a method that the document does not name.
  if (!operation) {
    if (reply.status !== 405) throw new Error(`${method} ${path} is not in ${FILE}`);
    return;
  }
  const pointer = ['paths', route, method.toLowerCase(), 'responses', String(reply.status)];
  const documented = operation.responses[reply.status];
  if (!documented) throw new Error(`${FILE} has no ${reply.status} for ${method} ${route}`);
  if (!documented.content) return;
  check([...pointer, 'content', 'application/json', 'schema'], reply.body);
}

/** The same for a webhook. */
export function expectDocumentedEvent(event: Readonly<Record<'type' | 'timestamp', string> & { data: unknown }>): void {
  check(['webhooks', event.type, 'post', 'requestBody', 'content', 'application/json', 'schema'], event);
}
