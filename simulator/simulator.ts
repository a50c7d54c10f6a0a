import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createSimulatorServer } from './server';
import { createState, resetState } from './state';

/** The default port. */
export const DEFAULT_PORT = 4010;

export interface SimulatorOptions {
  /** 0 picks any free port. */
  port?: number;
  /** A full-access key that replaces the seeded one. */
  apiKey?: string;
  /** Whether the process may end while the simulator is still open. */
  background?: boolean;
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`: the base URL for clients. */
  url: string;
  /** The page on which people read the messages. */
  inboxUrl: string;
  /** Ends everything, open connections included. */
  close(): Promise<void>;
}

/** Starts a simulator of Infobip's 2FA API on the loopback interface. Rejects when the port is taken (`EADDRINUSE`). */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = DEFAULT_PORT, apiKey, background = false } = options;
  const state = createState(apiKey);
  const server = createSimulatorServer(state);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  if (background) server.unref().on('connection', (socket) => socket.unref());

  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    inboxUrl: `${url}/inbox`,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      resetState(state);
    },
  };
}
