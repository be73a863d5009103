/**
 * Whether a log has signed as `origin` before it began anew as `present`. A log is called `<host>/logs/<name>` first, and
 * `…/2`, `…/3` after each new beginning; its host may have changed meanwhile.
 */
export function isEarlierOrigin(origin: string, present: string): boolean {
  const [one, other] = [parseOrigin(origin), parseOrigin(present)];
  return one !== undefined && one.name === other?.name && one.generation < other.generation;
}

function parseOrigin(origin: string): { readonly name: string; readonly generation: number } | undefined {
  const [, name, generation = '1'] = /\/logs\/([^/]+)(?:\/([1-9]\d{0,8}))?$/.exec(origin) ?? [];
  return name === undefined ? undefined : { name, generation: Number(generation) };
}
