import { CardPage } from '@/components/flow/card-page';
import screen from '@/components/ui/screen.module.css';
import { HOME } from '@/lib/base-path';
import { type TextState, textProps } from '@/lib/http/page-props';
import { getServices } from '@/lib/services';

export const getServerSideProps = textProps(getServices, ({ about }) => about.heading);

/** What codes by phone are good for, how secure they are, and what happens to the number. */
export default function AboutPage({ brand, language, messages }: TextState) {
  const { about } = messages;
  return (
    <CardPage brand={brand} language={language} messages={messages}>
      <h1 className={screen.heading}>{about.heading}</h1>
      {about.paragraphs.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      <p>
        <a href={HOME}>{about.back}</a>
      </p>
    </CardPage>
  );
}
