/** How long a person has to finish a login. */
export const LOGIN_TTL_SECONDS = 15 * 60;

/** Seconds. A code is redeemed at once, and a token serves one look at the claims. */
export const TTL = {
  AccessToken: 60,
  AuthorizationCode: 60,
  Grant: LOGIN_TTL_SECONDS + 60,
  IdToken: 300,
  Interaction: LOGIN_TTL_SECONDS,
};
