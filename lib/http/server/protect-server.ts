import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import type { Socket } from 'node:net';
import { checkRequestLines } from './request-line';
import { endSilentSockets } from './silent-sockets';
import { refuseUpgrades } from './upgrades';

/** Node.js reports every connection that a server of this process accepts here, before anything is read from it. */
const CONNECTIONS = 'net.server.socket';

/**
 * Adds our rules to Next's own server, which has no settings for them: no upgrades, only suitable methods and targets,
 * deadlines for sockets.
 *
 * Next creates the server itself, in `next start` and in the standalone `server.js` alike, and exposes it nowhere. The
 * first connection leads to it, and from then on the rules hold for all connections. A custom server would have to be
 * kept in step with Next, and Next's documentation advises against one. Middleware would see neither upgrades nor
 * sockets, could be bypassed (CVE-2025-29927), and costs every page a second router.
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
