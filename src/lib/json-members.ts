const STRING_OR_BRACKET = /("[^"\\]*(?:\\.[^"\\]*)*")([ \t\r\n]*:)?|[{[\]}]/g;

/**
 * Whether an object in `text`, which is valid JSON, has two members of one name. `JSON.parse` would take the last one,
 * while whatever checked the request on its way here may have looked at the first. Objects that lie deeper than
 * `maxDepth` are not looked at; the outermost is at 1.
 */
export function hasDuplicateMember(text: string, maxDepth = Number.POSITIVE_INFINITY): boolean {
  const open: Set<string>[] = [];
  for (const [match, string, colon] of text.matchAll(STRING_OR_BRACKET)) {
    if (match === '{' || match === '[') open.push(new Set());
    else if (match === '}' || match === ']') open.pop();
    else if (colon !== undefined && open.length <= maxDepth) {
      const names = open.at(-1);
      const name = String(JSON.parse(string ?? '""'));
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
  }
  return false;
}
