import { parseAddress } from '../../lib/addresses.ts';
import { parseId } from '../../lib/ids.ts';
import { cleanText } from '../events/clean.ts';

/** Whose personal data the log keeps apart, one payload for each subject of an event. */
export const SUBJECT_TYPES = [
  'source',
  'api_key',
  'token',
  'scope',
  'workspace',
  'member',
  'role',
  'group',
  'project',
] as const;

export type SubjectType = (typeof SUBJECT_TYPES)[number];

/** `id` is the one that events name it by; of a `source` it is an IP address. */
export interface Subject {
  readonly type: SubjectType;
  readonly id: string;
}

/** The subject, its id as the log writes it; undefined if `id` is none of that type. */
export function parseSubject(type: SubjectType, id: string): Subject | undefined {
  const known = PARSERS[type](id);
  return known === undefined ? undefined : { type, id: known };
}

/** What the id of a subject looks like, for people: `must be …`. */
export const SUBJECT_IDS: Readonly<Record<SubjectType, string>> = {
  source: 'an IP address such as 192.0.2.1',
  api_key: 'the id of an API key, key_…',
  token: 'the id of a token, tkn_…',
  scope: 'the name of a scope',
  workspace: 'the id of a workspace, ws_…',
  member: 'the id of a member, usr_…',
  role: 'the id of a role, role_…',
  group: 'the id of a group, grp_…',
  project: 'the id of a project, prj_…',
};

const PARSERS: Readonly<Record<SubjectType, (id: string) => string | undefined>> = {
  source: parseAddress,
  api_key: (id) => parseId('key', id),
  token: (id) => parseId('tkn', id),
  scope: (id) => (id.length > 0 && id.length <= MAX_SCOPE_LENGTH && cleanText(id) === id ? id : undefined),
  workspace: (id) => parseId('ws', id),
  member: (id) => parseId('usr', id),
  role: (id) => parseId('role', id),
  group: (id) => parseId('grp', id),
  project: (id) => parseId('prj', id),
};

const MAX_SCOPE_LENGTH = 256;
