/**
 * Loaded by NODE_OPTIONS: SIGUSR2 moves the clock of the process ahead. The file CLOCK_FILE says by how many milliseconds
 * in all. Tests of locks, which last hours, need it.
 */
const { readFileSync } = require('node:fs');

let ahead = 0;
let moves = 0;
for (const clock of [Date, performance]) {
  const now = clock.now.bind(clock);
  clock.now = () => now() + ahead;
}

process.on('SIGUSR2', () => {
  ahead = Number(readFileSync(process.env.CLOCK_FILE, 'utf8'));
  moves += 1;
  process.stdout.write(`clock moved: ${moves}\n`);
});
