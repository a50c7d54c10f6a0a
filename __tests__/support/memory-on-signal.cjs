/**
 * A test loads this into the app. On SIGUSR2 it collects garbage, and prints how many bytes are still in use, on the
 * heap and outside it. The system's own figure depends on the time of the last collection.
 */
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`memory held: ${heapUsed + external}\n`);
});
