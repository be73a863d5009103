import type { OpenApiDocument } from './document.ts';
import { asObject, asText, type JsonObject } from './json-object.ts';
import { Prose } from './prose.tsx';

/** The ways to say who is calling, each with the header that it takes. */
export function AuthenticationView({ document }: { document: OpenApiDocument }) {
  const schemes = Object.values(asObject(document.components.securitySchemes)).map(asObject);
  if (schemes.length === 0) return null;
  return (
    <section id="authentication">
      <h2>Authentication</h2>
      <p>Every operation names who may call it. Send the credential in one of these ways, never in the URL.</p>
      <table>
        <thead>
          <tr>
            <th scope="col">Way</th>
            <th scope="col">What to send</th>
          </tr>
        </thead>
        <tbody>
          {schemes.map((scheme) => (
            <tr>
              <th scope="row">{nameScheme(scheme)}</th>
              <td>
                <p>
                  <code>{renderHeader(scheme)}</code>
                </p>
                <Prose text={asText(scheme.description)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function nameScheme({ type, scheme, name }: JsonObject): string {
  if (type === 'apiKey') return asText(name) ?? 'API key';
  const word = asText(scheme) ?? asText(type) ?? '';
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function renderHeader({ type, scheme, name }: JsonObject): string {
  if (type === 'apiKey') return `${asText(name) ?? ''}: <API key>`;
  return scheme === 'basic' ? 'Authorization: Basic <base64 of id:credential>' : 'Authorization: Bearer <credential>';
}
