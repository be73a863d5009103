import { AuthenticationView } from './authentication-view.tsx';
import type { OpenApiDocument } from './document.ts';
import { FailureCatalogue } from './failure-view.tsx';
import { Navigation } from './navigation.tsx';
import { OperationView } from './operation-view.tsx';
import { type OperationGroup, outlineOf } from './outline.ts';
import { Prose } from './prose.tsx';

/** What a browser may do for the page: load the stylesheet of this service, and show its icon. */
export const REFERENCE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A ring with its key notch, in the accent colour. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="none" stroke="#0f7a66" stroke-width="3" d="M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 8h6"/></svg>',
)}`;

/** The page for people: all of `document`, as HTML that stands alone but for its stylesheet. */
export function renderReference(document: OpenApiDocument): string {
  return `<!doctype html>\n${(<Page document={document} />).toString()}`;
}

function Page({ document }: { document: OpenApiDocument }) {
  const { info } = document;
  const groups = outlineOf(document);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{`${info.title} API reference`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href={ICON} />
        <link rel="stylesheet" href="docs/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <Navigation title={info.title} groups={groups} />
        <main id="main" tabindex={-1}>
          <header class="title">
            <h1>{`${info.title} API`}</h1>
            <p class="version">
              Version {info.version} · <a href="openapi.yaml">openapi.yaml</a>
            </p>
            <Prose text={info.description} />
          </header>
          <AuthenticationView document={document} />
          {groups.map((group) => (
            <Group document={document} group={group} />
          ))}
          <FailureCatalogue document={document} />
        </main>
      </body>
    </html>
  );
}

function Group({ document, group }: { document: OpenApiDocument; group: OperationGroup }) {
  return (
    <section id={group.anchor}>
      <h2>{group.tag}</h2>
      <Prose text={group.description} />
      {group.operations.map((placed) => (
        <OperationView document={document} placed={placed} />
      ))}
    </section>
  );
}
