import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { sendJson, sendText } from './http';
import type { State } from './state';

/** Interval of comments that keep proxies and idle connections from ending an event stream, in milliseconds. */
const HEARTBEAT_MS = 15_000;

/** Allows only what the inbox serves itself; the icon is a data address. The demo shows the inbox beside its page. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors http://localhost:* http://127.0.0.1:*",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const PAGES: Record<string, { file: string; type: string }> = {
  '/inbox': { file: 'inbox.html', type: 'text/html; charset=utf-8' },
  '/inbox/inbox.css': { file: 'inbox.css', type: 'text/css; charset=utf-8' },
  '/inbox/inbox.js': { file: 'inbox.js', type: 'text/javascript; charset=utf-8' },
};

const messagesQuery = z.strictObject({
  to: z.string().optional(),
  after: z.coerce.number().int().min(0).optional(),
});

type Route = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams, state: State) => void;

const ROUTES: Record<string, Route> = {
  'GET /inbox/messages': (_request, response, query, state) => {
    const filter = messagesQuery.safeParse(Object.fromEntries(query));
    if (filter.success) sendJson(response, 200, state.inbox.list(filter.data), { 'cache-control': 'no-store' });
    else sendJson(response, 400, { error: z.prettifyError(filter.error) });
  },
  'DELETE /inbox/messages': (_request, response, _query, state) => {
    state.inbox.empty();
    response.writeHead(204).end();
  },
  'GET /inbox/events': (_request, response, _query, state) => streamEvents(response, state),
};

/** Answers `/inbox` and below: the page, its parts, the messages and their stream. */
export function answerInbox(
  request: IncomingMessage,
  response: ServerResponse,
  target: { path: string; query: URLSearchParams },
  state: State,
): void {
  const page = PAGES[target.path];
  const route = ROUTES[`${request.method} ${target.path}`];
  if (route) route(request, response, target.query, state);
  else if (page && request.method === 'GET') {
    const text = readFileSync(join(__dirname, 'inbox', page.file), 'utf8');
    sendText(response, 200, text, { 'content-type': page.type, ...SECURITY_HEADERS });
  } else sendJson(response, 404, { error: 'No such inbox endpoint.' });
}

/**
 * Sends `snapshot` with all messages, at once and whenever somebody empties the inbox, then `message` with each new
 * one. So a page that reconnects, perhaps to a restarted simulator, misses nothing and shows nothing stale.
 */
function streamEvents(response: ServerResponse, state: State): void {
  const write = (event: string, data: unknown) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 1000\n\n');
  write('snapshot', state.inbox.list());
  const unsubscribe = state.inbox.subscribe({
    arrived: (message) => write('message', message),
    emptied: () => write('snapshot', []),
  });
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS).unref();
  response.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
  });
}
