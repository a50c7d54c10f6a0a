/**
 * SIGUSR2 moves the clock of the process ahead, by the milliseconds in CLOCK_FILE in total.
 * Tests of locks need it, since locks last hours.
 */
const { readFileSync } = require('node:fs');

let ahead = 0;
for (const clock of [Date, performance]) {
  const now = clock.now.bind(clock);
  clock.now = () => now() + ahead;
}

process.on('SIGUSR2', () => {
  ahead = Number(readFileSync(process.env.CLOCK_FILE, 'utf8'));
  process.stdout.write(`clock moved: ${ahead / 1000} s\n`);
});

module.exports = { hasMoved: () => ahead !== 0 };
