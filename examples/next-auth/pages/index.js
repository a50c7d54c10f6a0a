import { getSession, signIn } from 'next-auth/react';

export const getServerSideProps = async ({ req }) => ({ props: { session: await getSession({ req }) } });

export default function Home({ session }) {
  if (session) return <p>Your number is {session.user.name}.</p>;
  return (
    <button type="button" onClick={() => signIn('phone')}>
      Log in with your phone
    </button>
  );
}
