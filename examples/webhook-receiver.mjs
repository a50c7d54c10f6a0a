// A service that receives webhooks: it checks the signature, answers at once, and acts on each event once.
import express from 'express';
import { Webhook } from 'standardwebhooks';

const { WEBHOOK_SECRET, PORT = 5001 } = process.env;
const webhook = new Webhook(WEBHOOK_SECRET);

/** Longer than the day for which the app retries an event. */
const REMEMBER_MS = 25 * 60 * 60_000;

/** Ids seen so far, and when. If you run several instances, use a table with the id as its key. */
const seen = new Map();

/** Returns false for an event that has arrived before. */
function isNew(id) {
  for (const [old, at] of seen) if (at < Date.now() - REMEMBER_MS) seen.delete(old);
  return !seen.has(id) && Boolean(seen.set(id, Date.now()));
}

/** Events to act on. In production, store them before you answer: events in memory are lost when the process ends. */
const queue = [];

/** Replace this with your own work. It ignores types that it doesn't know. */
function act({ type, data }) {
  if (type === 'verification.succeeded') console.log(`verified: ${data.proofId}`);
  if (type === 'number.locked') console.log(`locked: a number in ${data.country}`);
}

const app = express();
app.post('/webhooks/phone', express.raw({ type: 'application/json', limit: '20kb' }), (request, response) => {
  let event;
  try {
    // Refuses a wrong signature, and a timestamp that is more than five minutes off.
    event = webhook.verify(request.body, request.headers);
  } catch {
    return response.sendStatus(401);
  }
  if (isNew(request.get('webhook-id'))) queue.push(event);
  response.sendStatus(204);
});

setInterval(() => queue.splice(0).forEach(act), 100);
app.listen(PORT, '127.0.0.1', () => console.log(`Listening on ${PORT}`));
