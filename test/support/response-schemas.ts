import { isDeepStrictEqual } from 'node:util';
import type { Api } from '../../src/http/api.ts';
import type { TestAnswer } from './answer.ts';

/** What the API description promises of answers, held against each answer that a test gets. */
export interface ResponseSchemas {
  /** Throws if the answer's body is not what its route declares, or holds more than that. */
  check(method: string, path: string, answer: Pick<TestAnswer, 'status' | 'body' | 'text'>): void;
}

interface ParsingSchema {
  parse(value: unknown): unknown;
}

interface DescribedRoute {
  readonly method: string;
  readonly pattern: RegExp;
  readonly schemas: ReadonlyMap<number, ParsingSchema>;
}

/** Reads the schemas off the routes that `api` serves. */
export function responseSchemasOf(api: Api): ResponseSchemas {
  const routes = api.openAPIRegistry.definitions.flatMap((definition): DescribedRoute[] => {
    if (definition.type !== 'route') return [];
    const { method, path, responses } = definition.route;
    return [{ method, pattern: patternOf(path), schemas: schemasOf(responses) }];
  });
  return {
    check(method, path, { status, body, text }) {
      const [pathname = ''] = path.split('?');
      const route = routes.find((one) => one.method === method.toLowerCase() && one.pattern.test(pathname));
      const schema = route?.schemas.get(status);
      if (schema === undefined || body === undefined) return;
      // Parsing drops what the schema does not name; so an answer with more in it is not equal to what comes out.
      if (!isDeepStrictEqual(schema.parse(body), body)) {
        throw new Error(`${method} ${path} answered ${status} with more than its schema names: ${text}`);
      }
    },
  };
}

function schemasOf(responses: object): Map<number, ParsingSchema> {
  const schemas = new Map<number, ParsingSchema>();
  for (const [status, response] of Object.entries(responses)) {
    const schema: unknown = response?.content?.['application/json']?.schema;
    if (isParsing(schema)) schemas.set(Number(status), schema);
  }
  return schemas;
}

function isParsing(schema: unknown): schema is ParsingSchema {
  return typeof schema === 'object' && schema !== null && 'parse' in schema && typeof schema.parse === 'function';
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);
}
