import { execFileSync } from 'node:child_process';

const NAMES = [
  'app',
  'empty',
  'narrow',
  'branded',
  'doubtful',
  'leading',
  'under',
  'ways-under',
  'simulator',
  'logins',
  'instance-1',
  'instance-2',
  'redis',
  'express',
  'strict',
  'flask',
  'next-auth',
  'embedded',
  'example',
  'passkeys',
  'codes',
  'ways-0',
  'ways-1',
  'weighed',
] as const;
type Name = (typeof NAMES)[number];

/** Prints different free ports, below those that the system gives to the sockets of other tests. */
const PICK = `
const listen = () => new Promise((resolve) => {
  const server = require('node:net').createServer();
  server.once('error', () => resolve(listen())).once('listening', () => resolve(server));
  server.listen(20000 + Math.floor(Math.random() * 12000), '127.0.0.1');
});
Promise.all(process.argv.slice(1).map(listen)).then((servers) => {
  console.log(servers.map((server) => server.address().port).join());
  for (const server of servers) server.close();
});`;

/** The workers of a run inherit the ports that its first process picked. */
process.env.E2E_PORTS ??= execFileSync(process.execPath, ['-e', PICK, ...NAMES], { encoding: 'utf8' }).trim();
const ports = process.env.E2E_PORTS.split(',');
const portOf = (name: Name) => Number(ports[NAMES.indexOf(name)]);

/** The addresses of the app and the simulator. */
export const APP_URL = `http://localhost:${portOf('app')}`;
/** The empty page, the baseline for the weight of ours. */
export const EMPTY_APP_URL = `http://127.0.0.1:${portOf('empty')}`;
/** The app for few countries. */
export const NARROW_APP_URL = `http://127.0.0.1:${portOf('narrow')}`;
/** The app with a brand of its own. */
export const BRANDED_APP_URL = `http://localhost:${portOf('branded')}`;
/** The app that requires challenges after a few messages. */
export const DOUBTFUL_APP_URL = `http://localhost:${portOf('doubtful')}`;
/** The app whose `onVerified` sends people elsewhere. */
export const LEADING_APP_URL = `http://localhost:${portOf('leading')}`;
/** The two instances of the app that logs people in, and their Redis. */
export const INSTANCES = [`http://localhost:${portOf('instance-1')}`, `http://localhost:${portOf('instance-2')}`];
export const REDIS_PORT = portOf('redis');
/** The app that logs people in at the examples. */
export const LOGINS_APP_URL = `http://localhost:${portOf('logins')}`;
export const EXPRESS_URL = `http://localhost:${portOf('express')}`;
/** A second copy of the example with Express, which accepts no codes. */
export const STRICT_URL = `http://localhost:${portOf('strict')}`;
export const NEXT_AUTH_URL = `http://localhost:${portOf('next-auth')}`;
export const FLASK_URL = `http://localhost:${portOf('flask')}`;
/** The app that the example forwards to, and the example, which has the package. */
export const EMBEDDED_APP_URL = `http://localhost:${portOf('embedded')}`;
export const EXAMPLE_URL = `http://localhost:${portOf('example')}`;
/** Apps with other factors than codes by phone: one for each file of tests. */
export const PASSKEYS_APP_URL = `http://localhost:${portOf('passkeys')}`;
export const CODES_APP_URL = `http://localhost:${portOf('codes')}`;
export const WEIGHED_APP_URL = `http://localhost:${portOf('weighed')}`;
/** One app for each of the two workers in Playwright's configuration. */
export const WAYS_APP_URL = `http://localhost:${portOf(process.env.TEST_PARALLEL_INDEX === '1' ? 'ways-1' : 'ways-0')}`;
/** The app under a base path. */
export const BASE_PATH = '/verify';
export const UNDER_PATH_URL = `http://localhost:${portOf('under')}${BASE_PATH}`;
/** The app under a base path, with other factors. */
export const WAYS_UNDER_PATH_URL = `http://localhost:${portOf('ways-under')}${BASE_PATH}`;
export const SIMULATOR_PORT = portOf('simulator');
export const SIMULATOR_URL = `http://127.0.0.1:${SIMULATOR_PORT}`;
export const INBOX_URL = `${SIMULATOR_URL}/inbox/messages`;
