const { TestEnvironment } = require('jest-environment-node');

/** Jest gives each test file globals of its own. Processes outlive them here. */
const idle = [];

/** Node.js, with the processes of apps that this worker has started; see app-process.ts. */
module.exports = class extends TestEnvironment {
  #running = new Set();

  constructor(config, context) {
    super(config, context);
    this.global.appProcesses = { idle, running: this.#running };
  }

  /** Jest would wait forever for the apps of a test that failed before it ended them. */
  async teardown() {
    for (const child of this.#running) child.kill('SIGKILL');
    await super.teardown();
  }
};
