/** JSON laid out for reading: a list or object stands on one line where it fits there, else a member on each. */

const WIDTH = 52;
const INDENT = '  ';

export function renderJson(value: unknown): string {
  return renderAt(value, '', 0);
}

/** `column` is where the value begins; lines that follow begin with `indent`. */
function renderAt(value: unknown, indent: string, column: number): string {
  const line = renderLine(value);
  if (column + line.length <= WIDTH || typeof value !== 'object' || value === null) return line;
  const inner = indent + INDENT;
  const renderMember = (label: string, member: unknown) =>
    inner + label + renderAt(member, inner, inner.length + label.length);
  const members = Array.isArray(value)
    ? value.map((item) => renderMember('', item))
    : Object.entries(value).map(([name, member]) => renderMember(`${JSON.stringify(name)}: `, member));
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${members.join(',\n')}\n${indent}${close}`;
}

function renderLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${renderLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
