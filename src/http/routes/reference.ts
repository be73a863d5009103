import { etag } from 'hono/etag';
import type { Api } from '../api.ts';
import { createDocument, type OpenApiDocument, toYaml } from '../openapi/document.ts';
import { REFERENCE_POLICY, renderReference } from '../openapi/reference.tsx';
import { REFERENCE_STYLE } from '../openapi/reference-style.ts';

/** The API describes itself: `/openapi.yaml` for tools, `/docs` for people. Each is made on first use, then kept. */
export function mountReference(api: Api): void {
  const describe = once<OpenApiDocument>(() => createDocument(api));
  const yaml = once(() => toYaml(describe()));
  const page = once(() => renderReference(describe()));
  const revalidated = { 'Cache-Control': 'no-cache' };
  api.get('/openapi.yaml', etag(), (c) =>
    c.body(yaml(), 200, { ...revalidated, 'Content-Type': 'application/yaml; charset=utf-8' }),
  );
  api.get('/docs', etag(), (c) =>
    c.html(page(), 200, {
      ...revalidated,
      'Content-Security-Policy': REFERENCE_POLICY,
      'Referrer-Policy': 'no-referrer',
    }),
  );
  api.get('/docs/style.css', etag(), (c) =>
    c.body(REFERENCE_STYLE, 200, { ...revalidated, 'Content-Type': 'text/css; charset=utf-8' }),
  );
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
