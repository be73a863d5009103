/** The part of the Dockerfile language that ours uses; anything else throws, so that nothing passes unread. */

export interface Instruction {
  readonly keyword: Keyword;
  readonly rest: string;
}

export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

const KEYWORDS = [
  'WORKDIR',
  'COPY',
  'RUN',
  'ENV',
  'USER',
  'EXPOSE',
  'VOLUME',
  'HEALTHCHECK',
  'ENTRYPOINT',
  'CMD',
] as const;
type Keyword = (typeof KEYWORDS)[number];

export function parseDockerfile(text: string): Stage[] {
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  const lines = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n/g, ' ');
  for (const line of lines.split('\n').filter((candidate) => candidate.trim() !== '')) {
    const [, word = '', rest = ''] = /^\s*(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
    const stage = stages.at(-1);
    const keyword = KEYWORDS.find((known) => known === word);
    if (word === 'FROM') {
      const [, base = '', name] = /^(\S+)(?: AS (\S+))?$/i.exec(rest) ?? [];
      stages.push({ base, name, instructions: [] });
    } else if (keyword !== undefined && stage !== undefined) {
      stage.instructions.push({ keyword, rest });
    } else {
      throw new Error(`cannot rehearse: ${line}`);
    }
  }
  return stages;
}

/** `["a", "b"]`; the shell form is refused, as a process started by a shell gets no signals. */
export function parseCommand(rest: string): string[] {
  const words: unknown = JSON.parse(rest);
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new Error(`not an array of strings: ${rest}`);
}

export function parseEnv(rest: string): Record<string, string> {
  return Object.fromEntries(Array.from(rest.matchAll(/(\w+)=(\S+)/g), ([, name = '', value = '']) => [name, value]));
}

export interface Copy {
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function parseCopy(rest: string): Copy {
  const words = rest.split(/\s+/);
  const flags = words.filter((word) => word.startsWith('--'));
  const paths = words.filter((word) => !word.startsWith('--'));
  const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length);
  if (flags.length > (from === undefined ? 0 : 1)) throw new Error(`cannot rehearse: COPY ${rest}`);
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/** Whether a path of the build context, relative and with `/`, is kept from the build; the last matching line decides. */
export function parseDockerignore(text: string): (path: string) => boolean {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const rules = lines.map((line) => ({
    excludes: !line.startsWith('!'),
    pattern: globPattern(line.replace(/^!/, '')),
  }));
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.excludes ?? false;
}

/** A pattern also covers what is under the directories that it matches. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('\0', '.*');
  return new RegExp(`^${source}(/|$)`);
}
