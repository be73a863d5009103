import type { OpenApiDocument } from './document.ts';
import { asText } from './json-object.ts';
import { Prose } from './prose.tsx';
import { type Field, fieldsOf, itemsOf, type Purpose, placesOf, restOf, type Schema, variantsOf } from './schema.ts';
import { describeType, limitsOf } from './schema-summary.ts';

interface SchemaProps {
  readonly document: OpenApiDocument;
  readonly schema: Schema;
}

interface ViewProps extends SchemaProps {
  readonly purpose: Purpose;
}

/** What is inside of a schema: fields, variants, items; nothing for a plain value. Ends where a schema recurs. */
export function SchemaView({ document, schema, purpose }: ViewProps) {
  const items = itemsOf(document, schema);
  const rest = restOf(document, schema);
  return (
    <>
      <FieldList document={document} purpose={purpose} fields={fieldsOf(document, schema)} />
      {rest !== undefined && (
        <Alternatives document={document} purpose={purpose} title="Every other field" schemas={[rest]} />
      )}
      {items !== undefined && <SchemaView document={document} purpose={purpose} schema={items} />}
      <Alternatives document={document} purpose={purpose} title="In this order" schemas={placesOf(document, schema)} />
      <Alternatives document={document} purpose={purpose} title="One of" schemas={tellingVariants(document, schema)} />
    </>
  );
}

/** What a schema says about its values as a whole: its description and its limits. */
export function SchemaSummary({ document, schema }: SchemaProps) {
  return (
    <>
      <Prose text={asText(schema.keywords.description)} />
      <Limits document={document} schema={schema} />
    </>
  );
}

function FieldList(props: { document: OpenApiDocument; purpose: Purpose; fields: readonly Field[] }) {
  const { document, purpose, fields } = props;
  if (fields.length === 0) return null;
  return (
    <ul class="fields">
      {fields.map((field) => (
        <li>
          <p class="field">
            <code class="name">{field.name}</code> <span class="type">{describeType(document, field.schema)}</span>
            {field.isRequired && purpose === 'request' && <span class="required"> required</span>}
            {!field.isRequired && purpose === 'answer' && <span class="type">, may be absent</span>}
          </p>
          <SchemaSummary document={document} schema={field.schema} />
          <Nested document={document} purpose={purpose} schema={field.schema} />
        </li>
      ))}
    </ul>
  );
}

function Alternatives(props: {
  document: OpenApiDocument;
  purpose: Purpose;
  title: string;
  schemas: readonly Schema[];
}) {
  const { document, purpose, title, schemas } = props;
  if (schemas.length === 0) return null;
  return (
    <>
      <p class="label">{title}</p>
      <ol class="fields">
        {schemas.map((schema) => (
          <li>
            <p class="field">
              <span class="type">{describeType(document, schema)}</span>
            </p>
            <SchemaSummary document={document} schema={schema} />
            <SchemaView document={document} purpose={purpose} schema={schema} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Nested({ document, schema, purpose }: ViewProps) {
  if (schema.isRecursive || !hasInside(document, schema)) return null;
  return (
    <details>
      <summary>{describeInside(document, schema)}</summary>
      <SchemaView document={document} purpose={purpose} schema={schema} />
    </details>
  );
}

/** What else is demanded of a value, in one line if it fits. */
export function Limits({ document, schema }: SchemaProps) {
  const limits = limitsOf(document, schema);
  if (limits.length === 0) return null;
  return (
    <ul class="limits">
      {limits.map(({ label, values }) => (
        <li>
          {label}
          {values.map((value) => (
            <>
              {' '}
              <code>{value}</code>
            </>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** The variants, if they say more than the type of their union does. */
function tellingVariants(document: OpenApiDocument, schema: Schema): readonly Schema[] {
  const variants = variantsOf(document, schema);
  const isTelling = (variant: Schema) =>
    hasInside(document, variant) ||
    limitsOf(document, variant).length > 0 ||
    variant.keywords.description !== undefined;
  return schema.name !== undefined || variants.some(isTelling) ? variants : [];
}

function describeInside(document: OpenApiDocument, schema: Schema): string {
  const fieldCount = fieldsOf(document, schema).length;
  if (fieldCount > 0) return fieldCount === 1 ? '1 field' : `${fieldCount} fields`;
  const variantCount = tellingVariants(document, schema).length;
  if (variantCount > 0) return variantCount === 1 ? 'More about it' : `${variantCount} variants`;
  const items = itemsOf(document, schema);
  return items === undefined ? 'What is inside' : `${describeInside(document, items)} in each`;
}

function hasInside(document: OpenApiDocument, schema: Schema): boolean {
  const items = itemsOf(document, schema);
  return (
    fieldsOf(document, schema).length > 0 ||
    placesOf(document, schema).length > 0 ||
    restOf(document, schema) !== undefined ||
    tellingVariants(document, schema).length > 0 ||
    (items !== undefined && !items.isRecursive && hasInside(document, items))
  );
}
