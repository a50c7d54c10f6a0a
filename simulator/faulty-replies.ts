import type { ServerResponse } from 'node:http';
import { ApiError, messageIdOf } from './errors';
import type { Fault } from './faults';
import { JSON_TYPE, sendJson, sendText } from './http';
import type { Reply } from './operation';

/** Time between bytes of a trickled reply, in milliseconds. */
const TRICKLE_MS = 1_000;
const HUGE_BYTES = 2 * 1024 * 1024;

/** Content of half-sent replies to requests that were not processed. Document: example of a send. */
const SAMPLE = {
  pinId: '9C817C6F8AF3D48F9FE553282AFA2B67',
  to: '41793026727',
  ncStatus: 'NC_DESTINATION_REACHABLE',
  smsStatus: 'MESSAGE_SENT',
};

/** The reply that would go out without the fault. */
type IntendedReply = Exclude<Reply, 'hang'>;

type FaultyReply<Kind> = (
  response: ServerResponse,
  fault: Extract<Fault, { kind: Kind }>,
  reply: IntendedReply | undefined,
) => void;

const textOf = (reply: IntendedReply | undefined) => JSON.stringify(reply?.body ?? SAMPLE);

const FAULTY_REPLIES: { [Kind in Fault['kind']]: FaultyReply<Kind> } = {
  status: (response, { status, body, headers }) => {
    const content = body === undefined ? new ApiError(messageIdOf(status)).body : body;
    if (typeof content === 'string') sendText(response, status, content, { ...lowerCase(headers) });
    else sendJson(response, status, content, { ...lowerCase(headers) });
  },
  raw: (response, { body, contentType }) =>
    sendText(response, 200, body, contentType === undefined ? JSON_TYPE : { 'content-type': contentType }),
  reply: (response, { body }) => sendJson(response, 200, body ?? null),
  hang: () => {},
  trickle: (response, _fault, reply) => {
    const text = textOf(reply);
    let sent = 0;
    response.writeHead(200, { ...JSON_TYPE, 'content-length': Buffer.byteLength(text) });
    response.flushHeaders();
    const timer = setInterval(() => {
      response.write(Buffer.from(text).subarray(sent, sent + 1));
      sent += 1;
      if (sent >= Buffer.byteLength(text)) response.end();
    }, TRICKLE_MS);
    response.on('close', () => clearInterval(timer));
  },
  reset: (response) => {
    response.socket?.resetAndDestroy();
  },
  truncated: (response, _fault, reply) => {
    const text = textOf(reply);
    sendText(response, 200, text.slice(0, text.length / 2), JSON_TYPE);
  },
  cut: (response, _fault, reply) => {
    const text = textOf(reply);
    response.writeHead(200, { ...JSON_TYPE, 'content-length': Buffer.byteLength(text) });
    response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
  },
  html: (response) =>
    sendText(response, 200, '<!doctype html><title>Please wait</title><h1>Please wait</h1>', {
      'content-type': 'text/html; charset=utf-8',
    }),
  empty: (response) => sendText(response, 200, '', JSON_TYPE),
  huge: (response, _fault, reply) => {
    const body = typeof reply?.body === 'object' ? reply.body : SAMPLE;
    sendJson(response, 200, { ...body, filler: 'x'.repeat(HUGE_BYTES) });
  },
  redirect: (response, { status = 307, location = '/2fa/2/redirected' }) =>
    sendText(response, status, '', { location }),
  // The caller waits before this, because there is no reply until it has processed the request.
  delay: (response, _fault, reply) => sendReply(response, reply),
  patch: (response, { fields }, reply) => {
    const body = { ...(reply?.body as Record<string, unknown>), ...fields };
    const kept = Object.entries(body).filter(([key]) => fields[key] !== null);
    sendReply(response, reply && { ...reply, body: Object.fromEntries(kept) });
  },
};

/** Sends a faulty reply. `reply` is the one that would go out otherwise, if the request was processed. */
export function sendFaulty(response: ServerResponse, fault: Fault, reply: IntendedReply | undefined): void {
  // The compiler cannot see that the table's row matches the fault's kind.
  (FAULTY_REPLIES[fault.kind] as FaultyReply<Fault['kind']>)(response, fault, reply);
}

function sendReply(response: ServerResponse, reply: IntendedReply | undefined): void {
  if (reply) sendJson(response, reply.status, reply.body, reply.headers);
}

function lowerCase(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
