import { STATUS_CODES } from 'node:http';
import { ContentView } from './content-view.tsx';
import type { OpenApiDocument, OpenApiOperation } from './document.ts';
import { type Failure, sharedFailure } from './failures.ts';
import { asObject, asText } from './json-object.ts';
import { Prose } from './prose.tsx';
import { dereference } from './schema.ts';

/** The answers of an operation: its own in full, those that all share as links to where they are described. */
export function AnswersView({ document, operation }: { document: OpenApiDocument; operation: OpenApiOperation }) {
  const answers = Object.entries(operation.responses);
  const shared = answers
    .map(([, answer]) => sharedFailure(document, answer))
    .filter((failure) => failure !== undefined);
  return (
    <>
      <h4>Answers</h4>
      {answers
        .filter(([, answer]) => sharedFailure(document, answer) === undefined)
        .map(([status, answer]) => (
          <Answer document={document} status={status} answer={answer} />
        ))}
      {shared.length > 0 && <SharedFailures failures={shared} />}
    </>
  );
}

function Answer({ document, status, answer }: { document: OpenApiDocument; status: string; answer: unknown }) {
  const { description, content, headers } = dereference(document, answer);
  const headerNames = Object.keys(asObject(headers));
  return (
    <div class="answer">
      <h5>{nameStatus(status)}</h5>
      <Prose text={asText(description)} />
      {headerNames.length > 0 && (
        <p>
          With the headers{' '}
          {headerNames.map((name, index) => (
            <>
              {index > 0 && ', '}
              <code>{name}</code>
            </>
          ))}
          .
        </p>
      )}
      <ContentView document={document} content={content} isOpen={false} />
    </div>
  );
}

function SharedFailures({ failures }: { failures: readonly Failure[] }) {
  return (
    <>
      <h5>Errors</h5>
      <ul class="chips">
        {failures.map(({ status, anchor }) => (
          <li>
            <a href={`#${anchor}`}>{nameStatus(status)}</a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** `404 Not Found`; for what is no number, such as `default`, the thing itself. */
export function nameStatus(status: string): string {
  const phrase = STATUS_CODES[status];
  return phrase === undefined ? status : `${status} ${phrase}`;
}
