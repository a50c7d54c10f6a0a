import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';

/**
 * Starts a proxy that passes each request to the next of some instances, and knows nothing of sessions.
 * @param port 0 for any
 */
export async function startProxy(instances: readonly string[], port = 0): Promise<Server> {
  let turn = 0;
  const proxy = createServer((incoming, outgoing) => {
    turn += 1;
    const { hostname, port } = new URL(instances[turn % instances.length] ?? '');
    const { method, url: path, headers } = incoming;
    // An instance closes an idle connection just when the next request may use it.
    const passed = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  }).listen(port);
  await once(proxy, 'listening');
  return proxy;
}
