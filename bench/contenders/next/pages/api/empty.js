/** The least that an API route of Next.js does. */
export default function handler(_request, response) {
  response.status(200).json({ status: 'ok' });
}
