import type { MemberAccess, OperationAccess } from '../../rights/operation.ts';

/** Who may call an operation, as a sentence or two. */
export function describeCallers({ apiKey, token, member, stepUp, open }: OperationAccess): string {
  if (open === 'always') return 'Callers: anybody; what the request says is all that counts.';
  const live = apiKey === 'live' ? 'live ' : '';
  const callers = [
    ...(apiKey === 'never' ? [] : [live === '' ? 'an API key' : 'a live API key']),
    ...(token === 'never' ? [] : [token === 'any' ? `any ${live}token` : `a ${live}token with \`${token}\``]),
    ...MEMBERS[member],
    ...(open === undefined ? [] : ['anybody at all where the settings say `audit_tree_public`']),
  ];
  const people = apiKey === 'never' && token === 'never' ? '; no API key and no token' : '';
  return `Callers: ${callers.join(', or ')}${people}.${stepUp === true ? STEP_UP : ''}`;
}

const MEMBERS: Readonly<Record<MemberAccess, readonly string[]>> = {
  all: ['anybody who is signed in'],
  managers: ['a signed-in owner or admin'],
  managers_and_auditors: ['a signed-in owner, admin or auditor'],
  all_but_auditors: ['anybody who is signed in, but for auditors'],
  never: [],
};

const STEP_UP =
  ' Members have to have signed in or stepped up within the last 10 minutes; otherwise 401 `insufficient_user_authentication`.';

/** The ways to authenticate that the operation takes; none for one that is open to anybody. */
export function securityOf({ apiKey, token, member, open }: OperationAccess): Record<string, string[]>[] {
  if (open === 'always') return [];
  return [
    ...(apiKey === 'never' && token === 'never' ? [] : [{ bearer: [] }]),
    ...(apiKey === 'never' ? [] : [{ apiKey: [] }]),
    ...(member === 'never' ? [] : [{ accessToken: [] }]),
    ...(open === undefined ? [] : [{}]),
  ];
}

export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key (`tok_live_…`), or a token with the scope that the operation names.',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'An API key. Not together with Authorization.',
  },
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of a member who has signed in, from `POST /v1/auth/login`. It lives for 15 minutes.',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'Id of an API key or token as user, the credential as password.',
  },
};

/** Of operations that are about one environment: members have both. */
export const ENVIRONMENT_PARAMETER = {
  name: 'Tooken-Environment',
  in: 'header',
  description:
    'For signed-in members: the environment that the call is about. API keys and tokens have their own; leave it out with them.',
  schema: { type: 'string', enum: ['live', 'test'], default: 'live' },
};
