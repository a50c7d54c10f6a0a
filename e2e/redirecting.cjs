/** The app loads this first. Its `onVerified` then sends everybody to `REDIRECT_TO`. */
const KEY = Symbol.for('phone-verification.services');
let services;
Object.defineProperty(globalThis, KEY, {
  get: () => services,
  set(composed) {
    services = { ...composed, onVerified: async () => ({ redirectTo: process.env.REDIRECT_TO }) };
  },
});
