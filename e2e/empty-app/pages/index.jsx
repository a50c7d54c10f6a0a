/** The weight of every Next.js page: the baseline for the page's own weight. */
export default function EmptyPage() {
  return <p>Nothing</p>;
}

// Rendered for each request, like the page itself.
export const getServerSideProps = async () => ({ props: {} });
