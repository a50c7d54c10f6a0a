/** How long a person has to finish a login. */
export const LOGIN_TTL_SECONDS = 15 * 60;

/** In seconds. Clients redeem a code at once, and use a token for a single request to userinfo. */
export const TTL = {
  AccessToken: 60,
  AuthorizationCode: 60,
  Grant: LOGIN_TTL_SECONDS + 60,
  IdToken: 300,
  Interaction: LOGIN_TTL_SECONDS,
};
