import { nameStatus } from './answers-view.tsx';
import { ContentView } from './content-view.tsx';
import type { OpenApiDocument } from './document.ts';
import { type Failure, failuresOf } from './failures.ts';
import { Prose } from './prose.tsx';

/** Every way that a call can fail: status, codes, what to do; and the body that they share. */
export function FailureCatalogue({ document }: { document: OpenApiDocument }) {
  const failures = failuresOf(document);
  if (failures.length === 0) return null;
  const contents = new Set(failures.map(({ content }) => JSON.stringify(content ?? {})));
  return (
    <section id="errors" aria-labelledby="errors-title">
      <h2 id="errors-title">Errors</h2>
      <p>
        The status says what kind of failure it was, the code in <code>error</code> which one. Programs go by the code;
        the sentence in <code>message</code> is for people and may be worded anew.
      </p>
      {[...contents].map((content) => (
        <ContentView document={document} content={JSON.parse(content)} isOpen={false} />
      ))}
      <FailureTable failures={failures} />
    </section>
  );
}

function FailureTable({ failures }: { failures: readonly Failure[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Codes</th>
        </tr>
      </thead>
      <tbody>
        {failures.map(({ status, description, anchor }) => (
          <tr id={anchor}>
            <th scope="row">{nameStatus(status)}</th>
            <td>
              <Prose text={description} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
