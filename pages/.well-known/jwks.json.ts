import type { GetServerSideProps, NextApiRequest, NextApiResponse } from 'next';
import jwks from '@/pages/api/jwks';

/**
 * The public keys, at the address where other programs expect them. A rewrite would do the same, but would cost every
 * page 4 kB of script.
 */
export const getServerSideProps: GetServerSideProps = async ({ req, res }) => {
  await jwks(req as NextApiRequest, res as NextApiResponse);
  return { props: {} };
};

/** Next needs a component, but the reply is complete before it renders one. */
export default function Nothing() {
  return null;
}
