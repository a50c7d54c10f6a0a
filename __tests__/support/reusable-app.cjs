/**
 * The process of an app loads this, so that it can serve several apps of tests in turn. The tests start hundreds of
 * apps, and most of the cost of a start is Next and the app's code. Each app still has its own environment and
 * services.
 */
const diagnostics = require('node:diagnostics_channel');
const path = require('node:path');
const { Cluster, Redis } = require('ioredis');
const { hasMoved } = require('./movable-clock.cjs');

const SERVICES = Symbol.for('phone-verification.services');
/** The listeners that the first app adds to the server stay, so later apps add none. */
const CONNECTIONS = 'net.server.socket';

const connections = new Set();
for (const { prototype } of [Redis, Cluster]) {
  const { connect } = prototype;
  prototype.connect = function (...args) {
    connections.add(this);
    return connect.apply(this, args);
  };
}

/** Listeners of apps, which use `once`. Next adds its own with `on`. */
const sigtermListeners = new Set();
const { once } = process;
process.once = (event, listener) => {
  if (event === 'SIGTERM') sigtermListeners.add(listener);
  return once.call(process, event, listener);
};

const { subscribe } = diagnostics;

async function start(environment) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  diagnostics.subscribe = (name, listener) => name === CONNECTIONS || subscribe(name, listener);
  await require(path.resolve('.next/server/instrumentation.js')).register();
}

async function end() {
  const services = globalThis[SERVICES];
  delete globalThis[SERVICES];
  await services?.webhooks?.stop();
  await services?.factors?.close();
  for (const connection of connections) connection.disconnect();
  connections.clear();
  for (const listener of sigtermListeners) process.off('SIGTERM', listener);
  sigtermListeners.clear();
  // Everything that the app has printed comes before this line.
  process.stdout.write(`${hasMoved() ? 'cannot be used again' : 'can be used again'}\n`);
}

process.on('message', async ({ environment }) => {
  if (!environment) return end();
  await start(environment);
  process.stdout.write('another app has started\n');
});
process.on('disconnect', () => process.exit());
