/**
 * Paths of the access table, written as in OpenAPI, `/v1/tokens/{id}`, and as the router wants them, `/v1/tokens/:id`. A
 * parameter is one segment of any text, but for these.
 */
const FORMS: Readonly<Record<string, string>> = {
  // Digits, since `entries` in its place is another operation.
  level: '[0-9]+',
  // `x001/x234/067`: the rest of the path, for which OpenAPI has no notation.
  index: '.+',
};

/** `/tile/{level}` as the router writes it: `/tile/:level{[0-9]+}`. */
export function routerPath(path: string): string {
  return path.replace(PARAMETER, (_all, name: string) => `:${name}${name in FORMS ? `{${FORMS[name]}}` : ''}`);
}

/** A path of the router as people read it: `/tile/:level`. */
export function withoutForms(routerPath: string): string {
  return routerPath.replace(/\{[^}]*\}/g, '');
}

/** Matches the paths of requests that `path` stands for. */
export function pathPattern(path: string): RegExp {
  const source = path.replaceAll('.', '\\.').replace(PARAMETER, (_all, name: string) => FORMS[name] ?? '[^/]+');
  return new RegExp(`^${source}$`);
}

const PARAMETER = /\{(\w+)\}/g;
