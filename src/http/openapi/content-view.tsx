import type { OpenApiDocument } from './document.ts';
import { asObject } from './json-object.ts';
import { openSchema } from './schema.ts';
import { describeType } from './schema-summary.ts';
import { SchemaSummary, SchemaView } from './schema-view.tsx';

interface ContentProps {
  readonly document: OpenApiDocument;
  /** OpenAPI's map from media type to schema. */
  readonly content: unknown;
  /** Whether the fields are to be seen at once, or behind their type. */
  readonly isOpen: boolean;
}

/** What a body may hold, for every media type; those that hold the same share one description. */
export function ContentView({ document, content, isOpen }: ContentProps) {
  const written = Object.entries(asObject(content)).map(([type, media]) => ({ type, schema: asObject(media).schema }));
  const first = (schema: unknown) => written.find((other) => JSON.stringify(other.schema) === JSON.stringify(schema));
  const distinct = written.filter((entry) => first(entry.schema) === entry);
  return (
    <>
      {distinct.map((entry) => {
        const schema = openSchema(document, entry.schema);
        const types = written.filter((other) => first(other.schema) === entry).map(({ type }) => type);
        return (
          <details class="content" open={isOpen}>
            <summary>
              <span class="type">{describeType(document, schema)}</span>{' '}
              {types.map((type) => (
                <code>{type}</code>
              ))}
            </summary>
            <SchemaSummary document={document} schema={schema} />
            <SchemaView document={document} schema={schema} />
            {isOpen && schema.keywords.additionalProperties === false && <p class="label">Other fields are refused.</p>}
          </details>
        );
      })}
    </>
  );
}
