import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerApi } from './api';
import { answerControl } from './control';
import { ApiError } from './errors';
import { sendJson, sendText, splitTarget } from './http';
import { answerInbox } from './inbox-routes';
import type { State } from './state';

/** Longer than clients keep idle connections, so the simulator never closes one that a client is about to use. */
const KEEP_ALIVE_MS = 65_000;

/** Creates the simulator's HTTP server for a state. It does not listen yet. */
export function createSimulatorServer(state: State): Server {
  const server = createServer((request, response) => {
    answer(request, response, state).catch((error: unknown) => {
      // If a client disconnected in the middle of its body, this runs as well, and there is nobody to answer.
      if (request.errored || response.headersSent) return;
      const text = error instanceof Error ? `Simulator fault: ${error.message}` : 'Simulator fault';
      sendJson(response, 500, new ApiError('GENERAL_ERROR', { text }).body);
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const target = splitTarget(request.url ?? '');
  const [, area] = target.path.split('/');
  if (area === 'inbox') answerInbox(request, response, target, state);
  else if (area === 'control') await answerControl(request, response, target.path, state);
  else if (target.path === '/' && request.method === 'GET') sendText(response, 302, '', { location: '/inbox' });
  else await answerApi(request, response, state);
}
