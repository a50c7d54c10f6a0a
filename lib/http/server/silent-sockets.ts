import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** For a request's head to arrive, on top of the time that a connection may be kept between requests. */
const HEAD_WITHIN_MS = 10_000;

/** Without a byte in either direction. Above the longest answer: two calls to Infobip of 120 s and 5 s. */
const STANDSTILL_MS = 300_000;

interface Watch {
  readonly timer: NodeJS.Timeout;
  /** Requests on the socket that are not answered yet. */
  pending: number;
}

/**
 * Ends sockets on which no request is being answered, and none comes: that say nothing, send their head in drips, go on
 * with a body that nobody reads, or with line breaks between requests. The timeouts of Node.js would leave the last of
 * these open for ever, and others for minutes.
 * @param first the connection that the server is known by
 */
export function endSilentSockets(server: Server, first: Socket): void {
  const watches = new WeakMap<Socket, Watch>();

  function watch(socket: Socket): Watch {
    const known = watches.get(socket);
    if (known) return known;
    const end = () => entry.pending === 0 && socket.destroy();
    const entry: Watch = { timer: setTimeout(end, server.keepAliveTimeout + HEAD_WITHIN_MS).unref(), pending: 0 };
    watches.set(socket, entry);
    socket.once('close', () => clearTimeout(entry.timer));
    return entry;
  }

  server.timeout = STANDSTILL_MS;
  watch(first);
  server.on('connection', watch);
  // In front, so that the reply cannot be out before.
  server.prependListener('request', ({ socket }, response) => {
    const entry = watch(socket);
    entry.pending += 1;
    response.once('close', () => {
      entry.pending -= 1;
      entry.timer.refresh();
    });
  });
}
