const SECRET = 's'.repeat(43);

/** Two applications that log people in with this app. The bank names the number. */
export const OIDC_CLIENTS = JSON.stringify(
  [
    { client_id: 'shop', client_name: 'Shop', redirect_uris: ['https://shop.example/callback'] },
    { client_id: 'bank', client_name: 'Bank', redirect_uris: ['https://bank.example/callback'], number: 'fixed' },
  ].map((client) => ({ ...client, client_secret: SECRET })),
);

/** Pushes an application's request. @returns the address that begins the login */
export async function loginOf(
  app: string,
  client: 'shop' | 'bank',
  more: Record<string, string> = {},
): Promise<string> {
  const pushed = await fetch(`${app}/api/openid/par`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${client}:${SECRET}`)}` },
    body: new URLSearchParams({
      client_id: client,
      response_type: 'code',
      redirect_uri: `https://${client}.example/callback`,
      scope: 'openid phone',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...more,
    }),
  });
  const { request_uri } = (await pushed.json()) as { request_uri: string };
  return `/connect/authorize?${new URLSearchParams({ client_id: client, request_uri })}`;
}
