/**
 * Stands in for Infobip, in a process of its own: answers a send, a resend and a verify as Infobip does, after the same
 * delay. It keeps no state, so it costs every contender the same: a pinId contains the number that its code went to.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PIN } from './pin';

/** Messages from the parent process. */
export type UpstreamOrder = { readonly delayMs: number } | 'sockets' | 'codes';
/** Sockets opened since the last call. */
export interface Sockets {
  readonly opened: number;
  readonly mostOpen: number;
}

const PIN_ID_LENGTH = 32;
const NUMBER_LENGTH = 16;

let delayMs = 0;
let serial = 0;
let sockets = { opened: 0, mostOpen: 0 };
const open = new Set<Socket>();
/** better-auth's codes by number; it creates them itself. */
const codes = new Map<string, string>();

function pinIdOf(to: string): string {
  serial += 1;
  return `${String(serial).padStart(PIN_ID_LENGTH - NUMBER_LENGTH, '0')}${to.padStart(NUMBER_LENGTH, '0')}`;
}

const sent = (pinId: string, to: string) => ({
  pinId,
  to,
  ncStatus: 'NC_NOT_CONFIGURED',
  smsStatus: 'MESSAGE_SENT',
});

const numberIn = (pinId: string): string => pinId.slice(-NUMBER_LENGTH).replace(/^0+/, '');

const verified = (pinId: string, pin: string) => ({
  pinId,
  msisdn: numberIn(pinId),
  verified: pin === PIN,
  attemptsRemaining: pin === PIN ? 0 : 4,
  ...(pin !== PIN && { pinError: 'WRONG_PIN' }),
});

interface TextMessage {
  readonly destinations: readonly [{ readonly to: string }];
  readonly content: { readonly text: string };
}

function takeText([message]: readonly [TextMessage]): object {
  const [{ to }] = message.destinations;
  codes.set(to, message.content.text);
  return {
    bulkId: '1',
    messages: [{ messageId: String(serial), destination: to, status: { name: 'PENDING_ACCEPTED' } }],
  };
}

function answer(
  url: string,
  body: { to?: string; pin?: string; messages?: readonly [TextMessage] },
): object | undefined {
  const [, pinId = '', action] = /^\/2fa\/2\/pin\/([^/?]+)\/(verify|resend)/.exec(url) ?? [];
  if (action === 'verify') return verified(pinId, body.pin ?? '');
  if (action === 'resend') return sent(pinId, numberIn(pinId));
  if (/^\/2fa\/2\/pin\b/.test(url)) return sent(pinIdOf(body.to ?? ''), body.to ?? '');
  if (body.messages) return takeText(body.messages);
  return undefined;
}

function reply(response: ServerResponse, body: object | undefined): void {
  const text = JSON.stringify(body ?? { requestError: { serviceException: { messageId: 'NOT_FOUND' } } });
  response.writeHead(body ? 200 : 404, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  request.on('end', () => {
    const body = answer(request.url ?? '', text === '' ? {} : JSON.parse(text));
    if (delayMs === 0) reply(response, body);
    else setTimeout(() => reply(response, body), delayMs);
  });
});
server.keepAliveTimeout = 120_000;
server.on('connection', (socket) => {
  open.add(socket);
  sockets = { opened: sockets.opened + 1, mostOpen: Math.max(sockets.mostOpen, open.size) };
  socket.on('close', () => open.delete(socket));
});

function obey(order: UpstreamOrder): unknown {
  if (order === 'sockets') {
    const seen = sockets;
    sockets = { opened: 0, mostOpen: open.size };
    return seen;
  }
  if (order === 'codes') {
    const all = Object.fromEntries(codes);
    codes.clear();
    return all;
  }
  delayMs = order.delayMs;
  return true;
}

if (process.send) {
  process.on('message', (order: UpstreamOrder) => process.send?.(obey(order)));
  process.on('disconnect', () => process.exit());
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}
