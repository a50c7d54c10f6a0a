/** Where the suite runs the app and the simulator: ports of its own, so that a demo may run beside it. */
export const APP_URL = 'http://localhost:3100';
export const SIMULATOR_PORT = 4110;
export const INBOX_URL = `http://127.0.0.1:${SIMULATOR_PORT}/inbox/messages`;
