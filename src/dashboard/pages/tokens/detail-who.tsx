import type { Visit } from '../../kernel/visit.ts';

/** What the ids on a page are called, as far as the member may know. */
export type Names = ReadonlyMap<string, string>;

const KINDS = { key: 'API key', tkn: 'token' } as const;

/** Whoever did something: the name and what it is, or the id of who has none here. */
export function Who({ id, names, visit }: { id: string; names: Names; visit: Visit }) {
  if (id === 'system') return <>an operator</>;
  if (id === visit.caller.principal.id) return <>you</>;
  const name = names.get(id);
  const kind = id.startsWith('key_') ? KINDS.key : id.startsWith('tkn_') ? KINDS.tkn : undefined;
  if (name === undefined) return <code>{id}</code>;
  return (
    <>
      <Linked id={id} visit={visit}>
        {name}
      </Linked>
      {kind !== undefined && <span class="muted"> ({kind})</span>}
    </>
  );
}

function Linked({ id, visit, children }: { id: string; visit: Visit; children: string }) {
  const path = pathOf(id, visit);
  return path === undefined ? (
    <bdi>{children}</bdi>
  ) : (
    <a href={visit.at(path)}>
      <bdi>{children}</bdi>
    </a>
  );
}

/** Where the page about it is; undefined for who may not open that. */
function pathOf(id: string, visit: Visit): string | undefined {
  if (id.startsWith('tkn_')) return `/tokens/${id}`;
  if (id.startsWith('usr_') && visit.may('getMember')) return `/members/${id}`;
  return id.startsWith('key_') && visit.may('getApiKey') ? `/keys/${id}` : undefined;
}
