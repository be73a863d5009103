import { parseId } from '../../../lib/ids.ts';
import { getToken } from '../../../tokens/list.ts';
import type { Token } from '../../../tokens/token.ts';
import { type Draft, freshDraft } from '../../kernel/form.ts';
import { onceKey } from '../../kernel/once.ts';
import type { Visit } from '../../kernel/visit.ts';
import type { IssueChoices } from './issue-choices.ts';
import { EXPIRY_DAYS } from './issue-fields.ts';
import { metadataText } from './metadata-text.ts';

type Values = Record<string, string | readonly string[]>;

const DEFAULT_EXPIRY = '90';
const MS_PER_DAY = 86_400_000;

/** What an address may fill in, for links to this page. */
const FROM_ADDRESS = ['name', 'role', 'project_id', 'owner'] as const;

/** The form as it is before anything is typed: empty, or as `?copy=` says like another token. */
export async function prefilled(visit: Visit, choices: IssueChoices): Promise<Draft> {
  const { services, caller, query } = visit;
  const copied = parseId('tkn', query.get('copy') ?? '');
  const values = copied === undefined ? {} : likeToken(await getToken(services, caller, copied), choices);
  const given = FROM_ADDRESS.map((name) => [name, query.get(name) ?? ''] as const).filter(([, value]) => value !== '');
  return freshDraft({
    expiry: DEFAULT_EXPIRY,
    ...values,
    ...Object.fromEntries(given),
    once: onceKey(visit),
  });
}

function likeToken(token: Token, { scopes, takesOthers, roles, owners }: IssueChoices): Values {
  const isOffered = (name: string) => takesOthers || scopes.some((each) => each.name === name);
  const { name, description, role, owner, projectId, audience, allowedCidrs, metadata } = token;
  return {
    name,
    description: description ?? '',
    scopes: token.scopes.filter(isOffered),
    role: role !== null && roles.items.some(({ id }) => id === role.id) ? role.id : '',
    owner: owners !== undefined && owner !== null && !owner.isRemoved ? owner.id : '',
    project_id: projectId ?? '',
    expiry: expiryLike(token),
    audience: audience ?? '',
    allowed_cidrs: allowedCidrs?.join('\n') ?? '',
    metadata: metadataText(metadata),
  };
}

function expiryLike({ createdAt, expiresAt }: Token): string {
  if (expiresAt === null) return 'never';
  const days = (expiresAt.getTime() - createdAt.getTime()) / MS_PER_DAY;
  return String(EXPIRY_DAYS.find((each) => each === days) ?? DEFAULT_EXPIRY);
}
