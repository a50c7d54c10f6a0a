/** What the weight of the app's page is counted from. */
export default function Empty() {
  return <main>Nothing</main>;
}
