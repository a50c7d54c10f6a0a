import type { GetServerSideProps, NextApiRequest, NextApiResponse } from 'next';
import jwks from '@/pages/api/jwks';

/**
 * The public keys at the address where other programs expect them. Not a rewrite, which would cost every page 4 kB of
 * script.
 */
export const getServerSideProps: GetServerSideProps = async ({ req, res }) => {
  await jwks(req as NextApiRequest, res as NextApiResponse);
  return { props: {} };
};

/** The reply is complete before there is anything to render. */
export default function Nothing() {
  return null;
}
