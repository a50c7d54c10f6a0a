export default function Empty() {
  return <main>Nothing</main>;
}
