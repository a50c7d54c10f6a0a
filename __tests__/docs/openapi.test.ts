import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { z } from 'zod';
import componentPackage from '@/components/package.json';
import { VARIABLES } from '@/lib/config/environment';
import { ERRORS, type ErrorCode } from '@/lib/errors';
import { factorCodeRequest, totpConfirmRequest } from '@/lib/http/factor-schemas';
import { enrollRequest, passkeyVerifyRequest, sessionRequest } from '@/lib/http/passkey-schemas';
import { resendRequest, sendRequest, verifyRequest } from '@/lib/http/schemas';
import packageJson from '@/package.json';
import { anchorsOf, DOCUMENTS, type Link, linksOf, read } from './markdown';

/** The parts of JSON Schema that the document uses. */
interface Schema {
  $ref?: string;
  type?: string;
  enum?: string[];
  const?: unknown;
  required?: string[];
  additionalProperties?: boolean;
  properties?: Record<string, Schema>;
  oneOf?: Schema[];
}

interface Media {
  content: {
    'application/json'?: { schema: Schema; example: unknown };
    'application/x-www-form-urlencoded'?: { schema: Schema };
  };
}

interface Operation {
  requestBody?: Media;
  responses: Record<string, Partial<Media> & { headers: Record<string, Schema> }>;
}

interface OpenApi {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const document = JSON.parse(read('docs/openapi.json')) as OpenApi;
const apiGuide = read('docs/api.md');
const readme = read('README.md');
const securityGuide = read('docs/security.md');

const pointerPart = (key: string) => key.replace(/~/g, '~0').replace(/\//g, '~1');

const operations = Object.entries(document.paths).flatMap(([route, item]) =>
  Object.entries(item).map(([method, operation]) => ({ route, method, operation })),
);

/** Every schema of a request or a reply, with its place. */
const media = operations.flatMap(({ route, method, operation }) => {
  const base = `#/paths/${pointerPart(route)}/${method}`;
  const replies = Object.entries(operation.responses).flatMap(([status, { content }]) => {
    if (!content) return [];
    const json = content['application/json'];
    // The metrics, which are text.
    if (!json) return [];
    return [{ name: `${method} ${route} ${status}`, pointer: `${base}/responses/${status}`, json }];
  });
  const body = operation.requestBody?.content['application/json'];
  const request = body && { name: `${method} ${route} request`, pointer: `${base}/requestBody`, json: body };
  return request ? [request, ...replies] : replies;
});

function at(pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<unknown>((value, key) => {
    const name = key.replace(/~1/g, '/').replace(/~0/g, '~');
    return (value as Record<string, unknown> | undefined)?.[name];
  }, document);
}

const resolved = (schema: Schema): Schema => (schema.$ref ? resolved(at(schema.$ref) as Schema) : schema);

/** The shapes that a reply may have. */
const variants = (schema: Schema): Schema[] => {
  const target = resolved(schema);
  return target.oneOf ? target.oneOf.flatMap(variants) : [target];
};

function allRefs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : allRefs(inner),
  );
}

/** What two schemas of a request must have in common. Patterns and descriptions belong to the document alone. */
function outline(schema: Schema) {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { type, enum: values } = resolved(property);
    return [name, { type, values }] as const;
  });
  return {
    type: schema.type,
    required: [...(schema.required ?? [])].sort(),
    additionalProperties: schema.additionalProperties,
    properties: Object.fromEntries(properties),
  };
}

/** Words in capitals and underscores that a text puts into backticks. */
const constantsIn = (text: string) => [
  ...new Set([...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g)].map(([, name]) => name)),
];

const codes = Object.keys(ERRORS) as ErrorCode[];

/** A route may send an error code with a status other than the table's. */
const OWN_STATUS: Readonly<Record<string, number>> = { 'PASSKEY_REJECTED /api/passkeys/verify': 401 };

const statusOf = (code: string, route: string) => OWN_STATUS[`${code} ${route}`] ?? ERRORS[code as ErrorCode]?.status;

/** Variables of scripts and tests, not of the app. */
const VARIABLES_OF_SCRIPTS = ['SIMULATOR_PORT', 'CHROMIUM_PATH'];

/** Other words that look like variables: Infobip's terms, and what log lines say. */
const TERMS = ['lib', 'simulator', 'scripts/doctor'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [
      ...read(path.join(folder, file)).matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'|\b([A-Z]+_[A-Z_]+):/g),
    ])
    .map(([, quoted, key]) => quoted ?? key),
);

const ajv = new Ajv2020({ strict: true, allErrors: true });
// The document is not a schema itself, only a place that references point into.
ajv.addVocabulary(Object.keys(document));
ajv.addSchema(document, 'openapi');

const validator = (pointer: string) => ajv.compile({ $ref: `openapi${pointer}/content/application~1json/schema` });

describe('docs/openapi.json', () => {
  test('has the version of the app, and so has the package of the component', () => {
    expect(document.info.version).toBe(packageJson.version);
    expect(componentPackage.version).toBe(packageJson.version);
  });

  test('names the routes in pages/api and no others', () => {
    const files = readdirSync(path.resolve('pages/api'), { recursive: true, encoding: 'utf8' });
    const routes = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `/api/${file.replace(/(\/index)?\.ts$/, '').replace(/\[(\w+)\]/g, '{$1}')}`);
    // The standards describe the routes of the OpenID provider, and its own discovery document lists them.
    const ours = routes.filter((route) => !route.startsWith('/api/openid/'));
    expect(Object.keys(document.paths).sort()).toEqual(ours.sort());
  });

  test('refers only to its own parts', () => {
    for (const ref of new Set(allRefs(document))) {
      expect(ref).toMatch(/^#\/components\//);
      expect([ref, at(ref)]).toEqual([ref, expect.anything()]);
    }
  });

  test.each([
    ['/api/send-otp', sendRequest],
    ['/api/resend-otp', resendRequest],
    ['/api/verify-otp', verifyRequest],
    ['/api/passkeys/enrol-options', sessionRequest],
    ['/api/passkeys/enrol', enrollRequest],
    ['/api/passkeys/verify-options', sessionRequest],
    ['/api/passkeys/verify', passkeyVerifyRequest],
    ['/api/totp/enrol', sessionRequest],
    ['/api/totp/confirm', totpConfirmRequest],
    ['/api/totp/verify', factorCodeRequest],
    ['/api/recovery-codes', sessionRequest],
    ['/api/recovery-codes/verify', factorCodeRequest],
    ['/api/factors/reset', sessionRequest],
  ])("requires of %s what the route's schema requires", (route, schema) => {
    const documented = document.paths[route]?.post?.requestBody?.content['application/json']?.schema;
    const enforced = z.toJSONSchema(schema, { io: 'input' }) as Schema;
    expect(outline(resolved(documented ?? {}))).toEqual(outline(enforced));
  });

  test('requires of a form what it requires of JSON', () => {
    for (const { route, operation } of operations) {
      const { content } = operation.requestBody ?? {};
      const form = content?.['application/x-www-form-urlencoded']?.schema;
      const json = content?.['application/json']?.schema;
      if (form && json) expect([route, form]).toEqual([route, json]);
    }
  });

  test.each(media)('describes $name with closed objects', ({ json }) => {
    for (const variant of variants(json.schema)) {
      expect(variant).toMatchObject({ type: 'object', additionalProperties: false });
      expect(Object.keys(variant.properties ?? {})).toEqual(expect.arrayContaining(variant.required ?? ['?']));
    }
  });

  test.each(media)('describes $name with a schema that compiles and fits its example', ({ pointer, json }) => {
    const validate = validator(pointer);
    validate(json.example);
    expect(validate.errors ?? []).toEqual([]);
  });

  test.each(media)('allows $name no field that it does not name', ({ pointer, json }) => {
    const validate = validator(pointer);
    expect(validate({ ...(json.example as object), somethingElse: 1 })).toBe(false);
  });

  test('has every error code, each with its own status', () => {
    const documented = new Set<string>();
    for (const { route, operation } of operations) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const names = variants(content?.['application/json']?.schema ?? {}).flatMap(
          ({ properties }) => properties?.code?.enum ?? [],
        );
        for (const code of names) {
          documented.add(code);
          expect({ code, route, status: Number(status) }).toEqual({ code, route, status: statusOf(code, route) });
        }
        expect({ status, named: names.length > 0 }).toEqual({ status, named: Number(status) >= 400 });
      }
    }
    expect([...documented].sort()).toEqual([...codes].sort());
  });

  test("shows the error table's messages in its examples", () => {
    for (const { name, json } of media) {
      const { code, message } = json.example as { code?: ErrorCode; message?: string };
      // Some requests have a `code` as well: one that a person typed.
      if (code && message) expect({ name, message }).toEqual({ name, message: ERRORS[code].message });
    }
  });

  test('says verified: false in every error of verify, and nowhere else', () => {
    for (const { route, operation } of operations) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400) continue;
        for (const { properties, required } of variants(content?.['application/json']?.schema ?? {})) {
          const expected = route === '/api/verify-otp';
          expect([route, status, properties?.verified?.const === false]).toEqual([route, status, expected]);
          expect([route, status, required?.includes('verified')]).toEqual([route, status, expected]);
        }
      }
    }
  });

  test('has a Retry-After header exactly where a body can have retryAfterSeconds', () => {
    for (const { name, pointer, json } of media) {
      const headers = (at(pointer) as { headers?: object }).headers ?? {};
      const inBody = variants(json.schema).some(({ properties }) => properties?.retryAfterSeconds !== undefined);
      expect({ name, inHeader: 'Retry-After' in headers }).toEqual({ name, inHeader: inBody });
    }
  });
});

describe('docs/api.md', () => {
  test.each(codes)('names %s with its status', (code) => {
    expect(apiGuide).toContain(`| \`${code}\` | ${ERRORS[code].status} |`);
  });

  test('names every route', () => {
    for (const { route, method } of operations) expect(apiGuide).toContain(`## ${method.toUpperCase()} ${route}\n`);
  });
});

describe('docs/security.md', () => {
  const shown = [...securityGuide.matchAll(/`((?:__tests__|e2e)\/[^`]+\.tsx?)`: "([^"]+)"/g)];

  test.each(shown.map(([, file = '', name = '']) => ({ file, name })))(
    'names a test in $file: $name',
    ({ file, name }) => {
      expect(read(file)).toContain(name);
    },
  );

  test('names a test for every line of what is stopped', () => {
    const section = securityGuide.slice(
      securityGuide.indexOf('## What is stopped'),
      securityGuide.indexOf('## What is not'),
    );
    const rows = section.split('\n').filter((line) => /^\| (?!Attack|---)/.test(line));
    expect(rows.filter((row) => !/`(?:__tests__|e2e)\/[^`]+`: "/.test(row))).toEqual([]);
    expect(rows.length).toBeGreaterThan(15);
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  test('names only variables and codes that exist', () => {
    const known = new Set<string | undefined>([...VARIABLES, ...VARIABLES_OF_SCRIPTS, ...codes, ...TERMS]);
    expect(constantsIn(read(document)).filter((name) => !known.has(name))).toEqual([]);
  });

  test('links to files and headings that exist', () => {
    const exists = ({ file, anchor }: Link) =>
      existsSync(path.resolve(file)) && (anchor === undefined || anchorsOf(read(file)).has(anchor));
    const missing = linksOf(document).filter((link) => !exists(link));
    expect(missing.map(({ target }) => target)).toEqual([]);
  });
});

describe('.env.example', () => {
  test('names every variable that the app reads, once, and no others', () => {
    const names = [...read('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual([...VARIABLES, 'SIMULATOR_PORT'].sort());
  });
});

describe('README.md', () => {
  test.each(['npm ci && npm run demo', 'npm ci && npm test'])('has the command %s on a line of its own', (command) => {
    expect(readme.split('\n')).toContain(command);
  });
});

describe('docs/README.md', () => {
  test('links to every guide in docs/', () => {
    const guides = DOCUMENTS.filter((file) => /^docs\/[^/]+$/.test(file) && file !== 'docs/README.md');
    const linked = linksOf('docs/README.md').map(({ file }) => file);
    expect(guides.filter((file) => !linked.includes(file))).toEqual([]);
  });
});

describe('docs/commands.md', () => {
  test('names npm scripts that exist, and every one of them', () => {
    const named = [...read('docs/commands.md').matchAll(/npm (?:run )?(?:-s )?([a-z:]*[a-z])/g)].map(
      ([, name]) => name ?? '',
    );
    const scripts = [...new Set(named)].filter((name) => name !== 'ci');
    expect(scripts.sort()).toEqual(Object.keys(packageJson.scripts).sort());
  });
});
