import { AnswersView } from './answers-view.tsx';
import { ContentView } from './content-view.tsx';
import type { OpenApiDocument } from './document.ts';
import { ExamplesView } from './examples-view.tsx';
import { asText } from './json-object.ts';
import type { PlacedOperation } from './outline.ts';
import { ParameterTable } from './parameter-table.tsx';
import { Inline, Prose, paragraphsOf } from './prose.tsx';
import { dereference } from './schema.ts';

/** One operation: on one side what it takes and answers, on the other how that looks. */
export function OperationView({ document, placed }: { document: OpenApiDocument; placed: PlacedOperation }) {
  const { method, path, operation, anchor } = placed;
  return (
    <section class="operation" id={anchor}>
      <header>
        <h3>
          <a href={`#${anchor}`}>{operation.summary ?? `${method.toUpperCase()} ${path}`}</a>
        </h3>
        <p class="endpoint">
          <span class="method">{method.toUpperCase()}</span> <code>{path}</code>
        </p>
      </header>
      <div class="explanation">
        <Description text={operation.description} />
        <ParameterTable document={document} parameters={operation.parameters ?? []} />
        {operation.requestBody !== undefined && <RequestBody document={document} body={operation.requestBody} />}
        <AnswersView document={document} operation={operation} />
      </div>
      <ExamplesView document={document} placed={placed} />
    </section>
  );
}

/** The sentence on who may call stands out: it is the first that many readers look for. */
function Description({ text }: { text: string | undefined }) {
  return (
    <>
      {paragraphsOf(text).map((paragraph) => (
        <p class={paragraph.startsWith('Callers: ') ? 'callers' : undefined}>
          <Inline text={paragraph} />
        </p>
      ))}
    </>
  );
}

function RequestBody({ document, body }: { document: OpenApiDocument; body: unknown }) {
  const { description, content, required } = dereference(document, body);
  return (
    <>
      <h4>Body{required !== true && <span class="type"> optional</span>}</h4>
      <Prose text={asText(description)} />
      <ContentView document={document} content={content} purpose="request" />
    </>
  );
}
