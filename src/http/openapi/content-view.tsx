import type { OpenApiDocument } from './document.ts';
import { asObject } from './json-object.ts';
import { openSchema, type Purpose } from './schema.ts';
import { describeType } from './schema-summary.ts';
import { SchemaSummary, SchemaView } from './schema-view.tsx';

interface ContentProps {
  readonly document: OpenApiDocument;
  /** OpenAPI's map from media type to schema. */
  readonly content: unknown;
  /** The fields of a request are seen at once, those of an answer behind their type: beside it there is an example. */
  readonly purpose: Purpose;
}

/** What a body may hold, for every media type; those that hold the same share one description. */
export function ContentView({ document, content, purpose }: ContentProps) {
  const written = Object.entries(asObject(content)).map(([type, media]) => ({ type, schema: asObject(media).schema }));
  const first = (schema: unknown) => written.find((other) => JSON.stringify(other.schema) === JSON.stringify(schema));
  const distinct = written.filter((entry) => first(entry.schema) === entry);
  return (
    <>
      {distinct.map((entry) => {
        const schema = openSchema(document, entry.schema);
        const types = written.filter((other) => first(other.schema) === entry).map(({ type }) => type);
        return (
          <details class="content" open={purpose === 'request'}>
            <summary>
              <span class="type">{describeType(document, schema)}</span>{' '}
              {types.map((type, index) => (
                <>
                  {index > 0 && ' or '}
                  <code>{type}</code>
                </>
              ))}
            </summary>
            <SchemaSummary document={document} schema={schema} />
            <SchemaView document={document} purpose={purpose} schema={schema} />
            {purpose === 'request' && schema.keywords.additionalProperties === false && (
              <p class="label">Other fields are refused.</p>
            )}
          </details>
        );
      })}
    </>
  );
}
