/** The empty page. The weight of the app's page is what it adds to the weight of this one. */
export default function Empty() {
  return <main>Nothing</main>;
}
