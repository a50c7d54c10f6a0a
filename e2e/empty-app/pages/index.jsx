/** What every Next.js page weighs: the figure that the page's own weight is counted from. */
export default function EmptyPage() {
  return <p>Nothing</p>;
}

// As the page itself: made for each request.
export const getServerSideProps = async () => ({ props: {} });
