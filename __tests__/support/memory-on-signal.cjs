/**
 * Loaded into the app by a test: on SIGUSR2 it collects garbage, and prints how many bytes are still held, on the heap and
 * outside of it. What the system says of a process depends on when garbage was last collected.
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
