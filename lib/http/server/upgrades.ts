import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** For the reply to leave, and the client to close its side. */
const CLOSED_WITHIN_MS = 1000;

const reply = (status: number, ...headers: string[]): string =>
  `${[`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, 'Content-Length: 0', 'Connection: close'].join('\r\n')}\r\n\r\n`;

/** Node.js gives up a socket with the event: nobody else listens to it, reads from it or ends it. */
const endWith = (bytes: string) => (_request: IncomingMessage, socket: Duplex) => {
  const timer = setTimeout(() => socket.destroy(), CLOSED_WITHIN_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('error', () => socket.destroy());
  // What was read is thrown away: a reset, for bytes left unread, would take the reply with it.
  socket.resume();
  socket.end(bytes);
};

/**
 * Answers requests to change the protocol (WebSocket, h2c), and for a tunnel, and ends their sockets. Next leaves those
 * open for ever whose address it does not know.
 */
export function refuseUpgrades(server: Server): void {
  server.removeAllListeners('upgrade');
  // RFC 6455, §4.2.1: a handshake that is not taken gets an error such as 400.
  server.on('upgrade', endWith(reply(400)));
  // RFC 9110, §9.3.6 and §15.5.6.
  server.on('connect', endWith(reply(405, 'Allow: GET, HEAD')));
}
