/** Where the suite runs the app and the simulator: ports of its own, so that a demo may run beside it. */
export const APP_URL = 'http://localhost:3100';
/** The empty page that the weight of ours is counted from. */
export const EMPTY_APP_URL = 'http://127.0.0.1:3101';
/** The app for few countries. */
export const NARROW_APP_URL = 'http://127.0.0.1:3102';
/** The app that soon asks for challenges. */
export const DOUBTFUL_APP_URL = 'http://localhost:3103';
export const SIMULATOR_PORT = 4110;
export const INBOX_URL = `http://127.0.0.1:${SIMULATOR_PORT}/inbox/messages`;
