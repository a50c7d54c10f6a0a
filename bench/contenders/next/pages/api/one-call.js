import { Pool } from 'undici';

export const config = { api: { bodyParser: false } };

const { INFOBIP_BASE_URL, INFOBIP_API_KEY, INFOBIP_2FA_APP_ID, INFOBIP_2FA_MESSAGE_ID } = process.env;
const headers = { Authorization: `App ${INFOBIP_API_KEY}`, 'Content-Type': 'application/json' };
const ids = { applicationId: INFOBIP_2FA_APP_ID, messageId: INFOBIP_2FA_MESSAGE_ID };
let infobip;

const bodyOf = (request) =>
  new Promise((resolve, reject) => {
    let text = '';
    request
      .on('data', (chunk) => {
        text += chunk;
      })
      .on('end', () => resolve(text))
      .on('error', reject);
  });

const ask = (body) =>
  new Promise((resolve, reject) => {
    let text = '';
    infobip ??= new Pool(INFOBIP_BASE_URL, { keepAliveTimeout: 30_000 });
    infobip.dispatch(
      { path: '/2fa/2/pin?ncNeeded=false', method: 'POST', headers, body: JSON.stringify(body) },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: (_, chunk) => {
          text += chunk;
        },
        onResponseEnd: () => resolve(JSON.parse(text)),
        onResponseError: (_, error) => reject(error),
      },
    );
  });

/**
 * The floor for a send: a route that reads its body and makes one call with the fastest client. It checks and remembers
 * nothing.
 */
export default async function handler(request, response) {
  const { phoneNumber } = JSON.parse(await bodyOf(request));
  const { pinId } = await ask({ ...ids, to: phoneNumber.slice(1) });
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ pinId }));
}
