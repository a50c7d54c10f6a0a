/** The minimum of an API route of Next.js. */
export default function handler(_request, response) {
  response.status(200).json({ status: 'ok' });
}
