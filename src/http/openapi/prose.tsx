/** Descriptions are written in a very small subset of Markdown: paragraphs, and `code`. Everything else is plain text. */

export function Prose({ text }: { text: string | undefined }) {
  return (
    <>
      {paragraphsOf(text).map((paragraph) => (
        <p>
          <Inline text={paragraph} />
        </p>
      ))}
    </>
  );
}

/** One paragraph without its element. An unpaired backtick stands for itself. */
export function Inline({ text }: { text: string }) {
  return (
    <>{text.split(/(`[^`]+`)/).map((part, index) => (index % 2 === 1 ? <code>{part.slice(1, -1)}</code> : part))}</>
  );
}

export function paragraphsOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '');
}
