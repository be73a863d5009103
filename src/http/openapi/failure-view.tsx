import { STATUS_CODES } from 'node:http';
import { ContentView } from './content-view.tsx';
import type { OpenApiDocument } from './document.ts';
import { type Failure, failureAnchor, sharedFailures } from './failures.ts';
import { Prose } from './prose.tsx';

interface FailureProps {
  readonly document: OpenApiDocument;
  readonly failures: readonly Failure[];
}

/** Every way that a call can fail: status, codes, what to do; and the body that they share. */
export function FailureCatalogue({ document }: { document: OpenApiDocument }) {
  const failures = sharedFailures(document);
  if (failures.length === 0) return null;
  return (
    <section id="errors">
      <h2>Errors</h2>
      <p>
        The status says what kind of failure it was, the code in <code>error</code> which one. Programs go by the code:
        the sentence in <code>message</code> is for people, and may be worded anew.
      </p>
      <FailureBodies document={document} failures={failures} />
      <FailureTable failures={failures} isTarget={true} />
    </section>
  );
}

/** Failures that an operation describes itself, in full. */
export function OwnFailures({ document, failures }: FailureProps) {
  return (
    <>
      <FailureTable failures={failures} isTarget={false} />
      <FailureBodies document={document} failures={failures} />
    </>
  );
}

/** Failures that the catalogue describes, as links to it. */
export function SharedFailures({ failures }: { failures: readonly Failure[] }) {
  if (failures.length === 0) return null;
  return (
    <ul class="chips">
      {failures.map(({ status }) => (
        <li>
          <a href={`#${failureAnchor(status)}`}>{nameStatus(status)}</a>
        </li>
      ))}
    </ul>
  );
}

/** `404 Not Found`; for what is no number, such as `default`, the thing itself. */
export function nameStatus(status: string): string {
  const phrase = STATUS_CODES[status];
  return phrase === undefined ? status : `${status} ${phrase}`;
}

function FailureTable({ failures, isTarget }: { failures: readonly Failure[]; isTarget: boolean }) {
  if (failures.length === 0) return null;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {failures.map(({ status, description }) => (
          <tr id={isTarget ? failureAnchor(status) : undefined}>
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

function FailureBodies({ document, failures }: FailureProps) {
  const contents = new Set(failures.map(({ content }) => JSON.stringify(content ?? {})));
  return (
    <>
      {[...contents].map((content) => (
        <ContentView document={document} content={JSON.parse(content)} purpose="answer" />
      ))}
    </>
  );
}
