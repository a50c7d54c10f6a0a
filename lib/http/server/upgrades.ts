import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Time for the reply to leave and the client to close its side. */
const CLOSED_WITHIN_MS = 1000;

const reply = (status: number, ...headers: string[]): string =>
  `${[`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, 'Content-Length: 0', 'Connection: close'].join('\r\n')}\r\n\r\n`;

/** On `upgrade` and `connect`, Node.js gives up the socket: nobody else listens to it, reads from it or ends it. */
const endWith = (bytes: string) => (_request: IncomingMessage, socket: Duplex) => {
  const timer = setTimeout(() => socket.destroy(), CLOSED_WITHIN_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('error', () => socket.destroy());
  // Read and discard the rest. Unread bytes would cause a reset, which would destroy the reply.
  socket.resume();
  socket.end(bytes);
};

/**
 * Refuses requests to change the protocol (WebSocket, h2c) or to open a tunnel, and ends their sockets. Next leaves
 * such sockets open forever if it does not know the address.
 */
export function refuseUpgrades(server: Server): void {
  server.removeAllListeners('upgrade');
  // RFC 6455, §4.2.1: a server that refuses a handshake sends an error such as 400.
  server.on('upgrade', endWith(reply(400)));
  // RFC 9110, §9.3.6 and §15.5.6.
  server.on('connect', endWith(reply(405, 'Allow: GET, HEAD')));
}
