/** Import it first: undici needs this global, which jsdom lacks. */
import { MessagePort } from 'node:worker_threads';

Object.assign(globalThis, { MessagePort });
