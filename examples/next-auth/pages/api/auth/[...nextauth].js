import NextAuth from 'next-auth';

export default NextAuth({
  providers: [
    // The login itself, from here …
    {
      id: 'phone',
      name: 'Phone',
      type: 'oauth',
      wellKnown: `${process.env.ISSUER}/.well-known/openid-configuration`,
      clientId: process.env.CLIENT_ID,
      clientSecret: process.env.CLIENT_SECRET,
      client: { id_token_signed_response_alg: 'ES256' },
      authorization: { params: { scope: 'openid phone' } },
      idToken: true,
      checks: ['pkce', 'state', 'nonce'],
      profile: ({ sub, phone_number }) => ({ id: sub, name: phone_number }),
    },
    // … to here.
  ],
});
