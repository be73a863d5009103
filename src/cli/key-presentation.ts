import type { DeletedKeyView, KeyWithSecretView } from '../operator/keys.ts';
import type { ApiKeyView } from '../operator/views.ts';
import type { Presentation } from './perform.ts';
import { formatTable, formatTime } from './text.ts';

export const presentDeleted: Presentation<DeletedKeyView> = {
  json: (deleted) => deleted,
  text: ({ api_key }) => `${api_key.id}\n`,
  notes: ({ api_key, live_token_count }) => [
    `Deleted API key "${api_key.name}" (${api_key.id}). ${describeTokens(live_token_count)}`,
  ],
};

function describeTokens(count: number | null): string {
  if (count === null) return 'Tokens that it issued live on; they could not be counted.';
  if (count === 0) return 'No token that it issued is live.';
  return count === 1 ? 'One token that it issued lives on.' : `${count} tokens that it issued live on.`;
}

/** `done` says what was done: `Created`. */
export function showSecret(done: string): Presentation<KeyWithSecretView> {
  return {
    json: (view) => view,
    text: ({ secret }) => `${secret}\n`,
    notes: ({ api_key: { id, name, environment, expires_at } }) => [
      `${done} API key "${name}" (${id}, ${environment}, expires ${formatTime(expires_at, 'never')}).`,
      'This is the only time its value is shown; keep it like a password.',
    ],
    rescue: ({ api_key: { id } }) => `The value of ${id} is lost; \`tooken keys regenerate ${id}\` makes a new one.`,
  };
}

const HEADINGS = ['ID', 'NAME', 'ENV', 'HINT', 'STATUS', 'EXPIRES', 'ALLOWED FROM', 'CREATED', 'LAST USED', 'FROM'];

export function formatKeys(keys: readonly ApiKeyView[]): string {
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.environment,
    key.hint,
    key.status,
    formatTime(key.expires_at, 'never'),
    key.allowed_cidrs?.join(',') ?? 'anywhere',
    formatTime(key.created_at, '-'),
    formatTime(key.last_used_at, 'never'),
    key.last_used_from ?? '-',
  ]);
  return formatTable(HEADINGS, rows);
}
