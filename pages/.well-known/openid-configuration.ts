import type { GetServerSideProps } from 'next';
import { getServices } from '@/lib/services';

/** The document that OpenID Connect libraries fetch first (OpenID Connect Discovery 1.0, §4). */
export const getServerSideProps: GetServerSideProps = async ({ req, res }) => {
  const { openid } = getServices();
  if (!openid) return { notFound: true };
  await openid.answer(req, res);
  return { props: {} };
};

/** Next needs a component, but the reply is complete before it renders one. */
export default function Nothing() {
  return null;
}
