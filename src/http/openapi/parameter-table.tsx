import type { OpenApiDocument } from './document.ts';
import { asText, type JsonObject } from './json-object.ts';
import { Prose } from './prose.tsx';
import { dereference, openSchema } from './schema.ts';
import { describeType } from './schema-summary.ts';
import { Limits, SchemaView } from './schema-view.tsx';

/** What an operation takes beside its body. */
export function ParameterTable({
  document,
  parameters,
}: {
  document: OpenApiDocument;
  parameters: readonly unknown[];
}) {
  if (parameters.length === 0) return null;
  return (
    <>
      <h4>Parameters</h4>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {parameters.map((parameter) => (
            <ParameterRow document={document} parameter={dereference(document, parameter)} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function ParameterRow({ document, parameter }: { document: OpenApiDocument; parameter: JsonObject }) {
  const schema = openSchema(document, parameter.schema);
  return (
    <tr>
      <th scope="row">
        <code class="name">{asText(parameter.name)}</code>
        <span class="place">{`in ${asText(parameter.in) ?? 'query'}`}</span>
        {parameter.required === true && <span class="required">required</span>}
      </th>
      <td>
        <span class="type">{describeType(document, schema)}</span>
        <Prose text={asText(parameter.description) ?? asText(schema.keywords.description)} />
        <Limits document={document} schema={schema} />
        <SchemaView document={document} purpose="request" schema={schema} />
      </td>
    </tr>
  );
}
