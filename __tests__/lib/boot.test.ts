import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { freePort } from '@/__tests__/support/free-port';
import { simulatorHint } from '@/lib/boot';

test('the server names a simulator that does not run, with its address and the command that starts it', async () => {
  const port = await freePort();
  const hint = await simulatorHint(`http://127.0.0.1:${port}`);
  expect(hint).toContain(`http://127.0.0.1:${port} (INFOBIP_BASE_URL)`);
  expect(hint).toMatch(new RegExp(`SIMULATOR_PORT=${port} npm run simulator$`));
});

test('the server does not name a simulator that runs, nor an Infobip elsewhere', async () => {
  const simulator = createServer().listen(0, '127.0.0.1');
  await once(simulator, 'listening');
  const { port } = simulator.address() as AddressInfo;
  expect(await simulatorHint(`http://127.0.0.1:${port}`)).toBeUndefined();
  expect(await simulatorHint('https://infobip.invalid')).toBeUndefined();
  simulator.close();
});
