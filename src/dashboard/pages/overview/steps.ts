import { listApiKeys } from '../../../keys/list.ts';
import { listTokens } from '../../../tokens/list.ts';
import type { Visit } from '../../kernel/visit.ts';

/** What a new workspace is led through. */
export interface Step {
  readonly title: string;
  readonly text: string;
  readonly href: string;
  readonly action: string;
  readonly isDone: boolean;
}

/** Whether a token was ever issued that the member sees. */
export async function hasTokens({ services, caller }: Visit): Promise<boolean> {
  const { items } = await listTokens(services, caller, { limit: 1 });
  return items.length > 0;
}

/** The first steps in this environment; undefined once a token was issued, and for those who do not manage. */
export async function readSteps(visit: Visit): Promise<readonly Step[] | undefined> {
  const { services, caller } = visit;
  if (!visit.may('createApiKey')) return undefined;
  const { workspaceId, environment } = caller.principal;
  const [isInUse, keys] = await Promise.all([
    hasTokens(visit),
    listApiKeys(services, workspaceId, { environment, limit: 1 }),
  ]);
  if (isInUse) return undefined;
  return [
    {
      title: 'Secure your account',
      text: 'Turn on the second factor, so that a password alone opens nothing here.',
      href: visit.at('/account'),
      action: 'Open your account',
      isDone: visit.session.member.hasSecondFactor,
    },
    {
      title: 'Create an API key',
      text: 'Your CI and back ends hold it as TOOKEN_API_KEY and issue tokens with it.',
      href: visit.at('/keys'),
      action: 'Go to the API keys',
      isDone: keys.items.length > 0,
    },
    {
      title: 'Name your scopes',
      text: 'What tokens may do in your APIs: invoices:read, payments:write.',
      href: visit.at('/roles/scopes'),
      action: 'Go to the scopes',
      isDone: false,
    },
    {
      title: 'Issue the first token',
      text: 'Then let a service of yours introspect it: is it good, for what, and whose is it?',
      href: visit.at('/tokens/new'),
      action: 'Issue a token',
      isDone: false,
    },
  ];
}
