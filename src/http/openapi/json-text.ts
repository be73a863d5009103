/** JSON laid out for reading: a list or object stands on one line where it fits there, else a member on each. */

const WIDTH = 56;
const INDENT = '  ';

export function renderJson(value: unknown, indent = ''): string {
  const line = renderLine(value);
  if (indent.length + line.length <= WIDTH || typeof value !== 'object' || value === null) return line;
  const inner = indent + INDENT;
  const members = Array.isArray(value)
    ? value.map((item) => inner + renderJson(item, inner))
    : Object.entries(value).map(([name, member]) => `${inner}${JSON.stringify(name)}: ${renderJson(member, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${members.join(',\n')}\n${indent}${close}`;
}

function renderLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${renderLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
