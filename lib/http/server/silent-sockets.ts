import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Time for a request's head to arrive, on top of the time that an idle connection stays open. */
const HEAD_WITHIN_MS = 10_000;

/**
 * Time without a byte in either direction. Longer than the slowest answer, which takes two calls to Infobip of up to
 * 120 s each, and a few commands to the store.
 */
const STANDSTILL_MS = 300_000;

interface Watch {
  readonly timer: NodeJS.Timeout;
  /** Requests on the socket that still wait for an answer. */
  pending: number;
}

/**
 * Ends sockets on which no request waits for an answer and none arrives. Such sockets are silent, send their head in
 * drips, continue a body that nobody reads, or send line breaks between requests. Node's own timeouts would leave the
 * last kind open forever, and others for minutes.
 * @param first the connection that reveals the server
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
  // Run this listener first, so that it sees each request before the reply is out.
  server.prependListener('request', ({ socket }, response) => {
    const entry = watch(socket);
    entry.pending += 1;
    response.once('close', () => {
      entry.pending -= 1;
      entry.timer.refresh();
    });
  });
}
