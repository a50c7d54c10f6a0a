const { TestEnvironment } = require('jest-environment-node');
const tsx = require('tsx/cjs/api');

/** Jest gives each test file globals and modules of its own. What is here outlives them, until the worker ends. */
const idle = [];
let modules;

/** Node.js, with the modules of shared-modules.ts and the processes of apps that this worker has started; see app-process.ts. */
module.exports = class extends TestEnvironment {
  #running = new Set();

  constructor(config, context) {
    super(config, context);
    this.global.appProcesses = { idle, running: this.#running };
    this.global.sharedModules = () => {
      modules ??= tsx.require('./shared-modules.ts', __filename);
      return modules;
    };
  }

  /** Jest would wait forever for the apps of a test that failed before it ended them. */
  async teardown() {
    for (const child of this.#running) child.kill('SIGKILL');
    await super.teardown();
  }
};
