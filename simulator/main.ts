import { DEFAULT_PORT, type Simulator, startSimulator } from './simulator';

const USAGE = `Usage: npm run simulator

Runs a simulator of Infobip's 2FA API until Ctrl+C, and prints its address and that of its inbox. It sends nothing to
anybody. It takes no options, but reads this variable from the environment:

  SIMULATOR_PORT   Its port on 127.0.0.1 (${DEFAULT_PORT})`;

/** `npm run simulator`: runs a simulator until Ctrl+C. */
async function main([word]: readonly string[]): Promise<void> {
  if (word === '--help') {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (word !== undefined) {
    fail(USAGE, 2);
    return;
  }
  const port = Number(process.env.SIMULATOR_PORT || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    fail(`SIMULATOR_PORT must be a port number from 0 to 65535. It is "${process.env.SIMULATOR_PORT}".`);
    return;
  }
  let simulator: Simulator;
  try {
    simulator = await startSimulator({ port });
  } catch (error) {
    const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    fail(inUse ? `Port ${port} is in use. Set SIMULATOR_PORT to another port.` : String(error));
    return;
  }
  // Do this before printing anything: a program that reads the address may stop the simulator at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
  process.stdout.write(
    `Infobip 2FA simulator  ${simulator.url}\nInbox                  ${simulator.inboxUrl}\nStop it with Ctrl+C.\n`,
  );
}

function fail(message: string, exitCode = 1): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = exitCode;
}

void main(process.argv.slice(2));
