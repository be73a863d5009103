import { mediaExample, renderCurl } from './curl-example.ts';
import type { OpenApiDocument } from './document.ts';
import { nameStatus } from './failure-view.tsx';
import { asObject } from './json-object.ts';
import { renderJson } from './json-text.ts';
import type { PlacedOperation } from './outline.ts';
import { dereference } from './schema.ts';

/** A request to paste into a shell, and what comes back when all goes well. */
export function ExamplesView({ document, placed }: { document: OpenApiDocument; placed: PlacedOperation }) {
  const success = Object.entries(placed.operation.responses).find(([status]) => status.startsWith('2'));
  return (
    <div class="examples">
      <Sample title="Request" text={renderCurl(document, placed)} />
      {success !== undefined && <AnswerSample document={document} status={success[0]} answer={success[1]} />}
    </div>
  );
}

/** Text to copy: one click selects all of it (see the stylesheet). */
function Sample({ title, text }: { title: string; text: string }) {
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <pre>
        <code>{text}</code>
      </pre>
    </figure>
  );
}

function AnswerSample({ document, status, answer }: { document: OpenApiDocument; status: string; answer: unknown }) {
  const media = Object.entries(asObject(dereference(document, answer).content))[0];
  if (media === undefined) return null;
  const example = mediaExample(document, media[1], 'answer');
  const text = typeof example === 'string' ? example : renderJson(example);
  return <Sample title={nameStatus(status)} text={text} />;
}
