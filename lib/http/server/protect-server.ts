import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import type { Socket } from 'node:net';
import { checkRequestLines } from './request-line';
import { endSilentSockets } from './silent-sockets';
import { refuseUpgrades } from './upgrades';

/** Node.js tells here of every connection that a server of this process accepts, before anything is read from it. */
const CONNECTIONS = 'net.server.socket';

/**
 * Puts our rules in front of Next's own server, which offers no setting for them: no upgrades, methods and targets that
 * fit, deadlines for sockets.
 *
 * Next makes the server itself, in `next start` and in the standalone `server.js` alike, and hands it to nobody. The first
 * connection leads to it; from then on the rules hold for all of them. A server of our own would be one more thing to keep
 * in step with Next, and its documentation advises against it. Middleware would see neither upgrades nor sockets, could be
 * passed (CVE-2025-29927), and costs every page a second router.
 */
export function protectServer(): void {
  const onConnection = (message: unknown) => {
    const { socket } = message as { socket: Socket & { server?: unknown } };
    const { server } = socket;
    if (!(server instanceof Server)) return;
    unsubscribe(CONNECTIONS, onConnection);
    refuseUpgrades(server);
    checkRequestLines(server);
    endSilentSockets(server, socket);
  };
  subscribe(CONNECTIONS, onConnection);
}
