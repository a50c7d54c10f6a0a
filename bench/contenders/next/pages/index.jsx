/** The empty page: the weight of the app's page counts from its weight. */
export default function Empty() {
  return <main>Nothing</main>;
}
