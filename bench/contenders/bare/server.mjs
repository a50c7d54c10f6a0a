/** The floor: Node's own server with the same call to Infobip, and nothing else. It checks nothing. */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const { INFOBIP_BASE_URL, INFOBIP_API_KEY, INFOBIP_2FA_APP_ID, INFOBIP_2FA_MESSAGE_ID, PORT } = process.env;
const infobip = new Pool(INFOBIP_BASE_URL, { keepAliveTimeout: 30_000 });
const headers = { Authorization: `App ${INFOBIP_API_KEY}`, 'Content-Type': 'application/json' };

async function ask(path, body) {
  const reply = await infobip.request({ path, method: 'POST', headers, body: JSON.stringify(body) });
  return reply.body.json();
}

const ROUTES = {
  '/send': async ({ phoneNumber }) => {
    const ids = { applicationId: INFOBIP_2FA_APP_ID, messageId: INFOBIP_2FA_MESSAGE_ID };
    const { pinId } = await ask('/2fa/2/pin?ncNeeded=false', { ...ids, to: phoneNumber.slice(1) });
    return { pinId };
  },
  '/verify': async ({ pinId, pin }) => {
    const { verified } = await ask(`/2fa/2/pin/${pinId}/verify`, { pin });
    return { verified };
  },
};

createServer((request, response) => {
  let text = '';
  request.on('data', (chunk) => {
    text += chunk;
  });
  request.on('end', async () => {
    const route = ROUTES[request.url];
    const reply = route ? await route(JSON.parse(text)) : { status: 'ok' };
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(reply));
  });
}).listen(Number(PORT), '127.0.0.1');
