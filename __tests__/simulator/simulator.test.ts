import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startSimulator } from '@/simulator/simulator';

/** Starts `simulator/main.ts` as `npm run simulator` does. */
function startCommand(port: string): ChildProcess {
  const arguments_ = ['--import', 'tsx', join('simulator', 'main.ts')];
  // The child needs nothing of this process's environment.
  return spawn(process.execPath, arguments_, { env: { NODE_ENV: 'test', SIMULATOR_PORT: port } });
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; printed: string }> {
  let printed = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code, printed };
}

test('the simulator listens on the loopback interface, and says where', async () => {
  const simulator = await startSimulator({ port: 0 });
  expect(simulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(simulator.inboxUrl).toBe(`${simulator.url}/inbox`);
  await simulator.close();
});

test('the simulator accepts another API key', async () => {
  const simulator = await startSimulator({ port: 0, apiKey: 'my-own' });
  const statusWith = async (key: string) =>
    (await fetch(`${simulator.url}/2fa/2/applications`, { headers: { authorization: `App ${key}` } })).status;
  expect(await statusWith('my-own')).toBe(200);
  expect(await statusWith('simulator-key-for-local-use-only')).toBe(401);
  await simulator.close();
});

test('the simulator closes with requests hanging and streams open, and can close twice', async () => {
  const simulator = await startSimulator({ port: 0 });
  await fetch(`${simulator.url}/control/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operation: 'send', fault: { kind: 'hang' } }),
  });
  const hanging = fetch(`${simulator.url}/2fa/2/pin`, { method: 'POST' }).catch((error: Error) => error.message);
  const stream = await fetch(`${simulator.url}/inbox/events`);
  await stream.body?.getReader().read();
  await simulator.close();
  await simulator.close();
  expect(await hanging).toBe('fetch failed');
  await expect(fetch(simulator.url)).rejects.toThrow('fetch failed');
});

test('the simulator fails to start if its port is taken', async () => {
  const simulator = await startSimulator({ port: 0 });
  const port = Number(new URL(simulator.url).port);
  await expect(startSimulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await simulator.close();
});

describe('the command', () => {
  test('prints its address, and stops when told to', async () => {
    const child = startCommand('0');
    const ended = outcome(child);
    const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
    expect(String(line)).toMatch(/http:\/\/127\.0\.0\.1:\d+\n.*\/inbox\n.*Ctrl\+C/);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, printed: '' });
  });

  test('says in one line that the port is in use', async () => {
    const simulator = await startSimulator({ port: 0 });
    const { port } = new URL(simulator.url);
    const { code, printed } = await outcome(startCommand(port));
    expect(code).toBe(1);
    expect(printed).toBe(`Port ${port} is in use. Set SIMULATOR_PORT to another port.\n`);
    await simulator.close();
  });
});
