// A login with a verified phone number: Express, passport and openid-client. Open http://localhost:5001/.
import { randomUUID } from 'node:crypto';
import express from 'express';
import session from 'express-session';
import * as client from 'openid-client';
import { Strategy } from 'openid-client/passport';
import passport from 'passport';

const { ISSUER = 'http://localhost:3000', CLIENT_ID = 'express', CLIENT_SECRET, PORT = 5001 } = process.env;
const ORIGIN = `http://localhost:${PORT}`;
/** Allows http, which the server accepts on loopback only. */
const options = { execute: ISSUER.startsWith('http:') ? [client.allowInsecureRequests] : [] };

const app = express();
app.use(session({ secret: process.env.SESSION_KEY ?? randomUUID(), resave: false, saveUninitialized: false }));
app.use(passport.session());
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

// The login itself, from here …
const accepted = (process.env.ACR_VALUES ?? 'phr otp restricted').split(' ');
const secret = client.ClientSecretBasic(CLIENT_SECRET);
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, secret, options);
const callbackURL = `${ORIGIN}/callback`;
const login = new Strategy({ config, callbackURL, scope: 'openid phone' }, (tokens, done) => {
  const { phone_number: phoneNumber, acr } = tokens.claims();
  done(null, accepted.includes(acr) && { phoneNumber });
});
login.authorizationRequestParams = () => ({ acr_values: accepted.join(' ') });
app.get('/login', passport.authenticate(login));
app.get('/callback', passport.authenticate(login, { successRedirect: '/', failureRedirect: '/?cancelled' }));
// … to here. Your application already has the rest.

app.get('/', ({ user, query }, response) => {
  if (user) return response.send(`<p>Your number is ${user.phoneNumber}.</p>`);
  const note = query.cancelled === undefined ? '' : '<p>Not logged in.</p>';
  response.send(`${note}<a href="/login">Log in with your phone</a>`);
});
app.use((error, _request, response, _next) => response.status(400).send(`<p>Not logged in: ${error.code}</p>`));
app.listen(Number(PORT), '127.0.0.1', () => console.log(ORIGIN));
