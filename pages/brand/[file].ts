import type { GetServerSideProps } from 'next';
import { sendBrandFile } from '@/lib/http/brand';
import { getServices } from '@/lib/services';

/** The logo and the colors. They come from the environment, so they are not files under public/. */
export const getServerSideProps: GetServerSideProps = async ({ res, params, query }) => {
  const isSent = sendBrandFile(res, getServices().brand, { name: String(params?.file), version: query.v });
  return isSent ? { props: {} } : { notFound: true };
};

/** Next needs a component, but the reply is complete before it renders one. */
export default function Nothing() {
  return null;
}
