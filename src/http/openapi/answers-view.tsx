import { ContentView } from './content-view.tsx';
import type { OpenApiDocument, OpenApiOperation } from './document.ts';
import { nameStatus, OwnFailures, SharedFailures } from './failure-view.tsx';
import { failuresOf, isFailure } from './failures.ts';
import { asObject, asText } from './json-object.ts';
import { Prose } from './prose.tsx';
import { dereference } from './schema.ts';

interface AnswersProps {
  readonly document: OpenApiDocument;
  readonly operation: OpenApiOperation;
}

/** The answers of an operation: when all goes well, and when not. */
export function AnswersView({ document, operation }: AnswersProps) {
  const answers = Object.entries(operation.responses).filter(([status]) => !isFailure(status));
  return (
    <>
      <h4>Answers</h4>
      {answers.map(([status, answer]) => (
        <Answer document={document} status={status} answer={answer} />
      ))}
      <Failures document={document} operation={operation} />
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
      {headerNames.length > 0 && <HeaderNames names={headerNames} />}
      <ContentView document={document} content={content} purpose="answer" />
    </div>
  );
}

function HeaderNames({ names }: { names: readonly string[] }) {
  return (
    <p>
      Headers:
      {names.map((name, index) => (
        <>
          {index === 0 ? ' ' : ', '}
          <code>{name}</code>
        </>
      ))}
    </p>
  );
}

function Failures({ document, operation }: AnswersProps) {
  const { own, shared } = failuresOf(document, operation);
  if (own.length + shared.length === 0) return null;
  return (
    <>
      <h5>Errors</h5>
      <OwnFailures document={document} failures={own} />
      <SharedFailures failures={shared} />
    </>
  );
}
