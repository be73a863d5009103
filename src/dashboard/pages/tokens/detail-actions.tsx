import type { OperationName } from '../../../rights/rights.ts';
import { isFinished, statusOf, type Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import { tokenPath } from './detail-token.ts';

interface Action {
  readonly title: string;
  readonly below: string;
  readonly needs: OperationName;
  readonly isDanger?: true;
  readonly makesSense: (token: Token, now: Date) => boolean;
}

const ACTIONS: readonly Action[] = [
  { title: 'Edit token', below: '/edit', needs: 'updateToken', makesSense: () => true },
  { title: 'Rotate token', below: '/rotate', needs: 'rotateToken', makesSense: isLive },
  { title: 'Reassign token', below: '/reassign', needs: 'reassignToken', makesSense: isLive },
  { title: 'Revoke token', below: '/revoke', needs: 'revokeToken', isDanger: true, makesSense: isLive },
  {
    title: 'Delete token',
    below: '/delete',
    needs: 'deleteToken',
    isDanger: true,
    makesSense: (token, now) => !isLive(token, now),
  },
];

/** What can be done with a token as it is, by the member who looks at it. */
export function TokenActions({ visit, token }: { visit: Visit; token: Token }) {
  return (
    <>
      {ACTIONS.filter(({ needs, makesSense }) => visit.may(needs) && makesSense(token, visit.now)).map(
        ({ title, below, isDanger }) => (
          <a class={isDanger === true ? 'button button-danger' : 'button'} href={tokenPath(visit, token, below)}>
            {title}
          </a>
        ),
      )}
      {visit.may('issueToken') && !isLive(token, visit.now) && (
        <a class="button button-primary" href={visit.at(`/tokens/new?copy=${token.id}`)}>
          Issue one like it
        </a>
      )}
    </>
  );
}

function isLive(token: Token, now: Date): boolean {
  return !isFinished(statusOf(token, now));
}
