import type { Api } from '../api.ts';
import { createDocument, type OpenApiDocument, toYaml } from '../openapi/document.ts';
import { renderReference } from '../openapi/reference.tsx';

/** The API describes itself: `/openapi.yaml` for tools, `/docs` for people. Made on first use, then kept. */
export function mountReference(api: Api): void {
  let document: OpenApiDocument | undefined;
  let yaml: string | undefined;
  const describe = () => {
    document ??= createDocument(api);
    return document;
  };
  api.get('/openapi.yaml', (c) => {
    yaml ??= toYaml(describe());
    return c.body(yaml, 200, { 'Content-Type': 'application/yaml; charset=utf-8', 'Cache-Control': 'no-cache' });
  });
  api.get('/docs', (c) => {
    c.header('Content-Security-Policy', REFERENCE_POLICY);
    c.header('Referrer-Policy', 'no-referrer');
    return c.html(renderReference(describe()));
  });
}
