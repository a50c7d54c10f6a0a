import { type TextState, textProps } from '@/lib/http/page-props';
import { getServices } from '@/lib/services';

export const getServerSideProps = textProps(getServices, ({ about }) => about.heading);

/** What codes by phone are good for, how secure they are, and what happens to the number. */
export default function AboutPage({ messages }: TextState) {
  const { about } = messages;
  return (
    <main className="plain-page">
      <h1>{about.heading}</h1>
      {about.paragraphs.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      <p>
        <a href="/">{about.back}</a>
      </p>
    </main>
  );
}
