import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Empty } from '../../parts/table.tsx';

/** What members see who have no token yet: what they could do, instead of numbers that are all zero. */
export function viewWithoutTokens(visit: Visit): View {
  const { principal } = visit.caller;
  const canIssue = visit.may('issueToken') && principal.scopes.length > 0;
  return {
    title: 'Overview',
    section: 'overview',
    body: (
      <Empty title={`You have no tokens in the ${visit.environment} environment yet`}>
        <p>
          {canIssue
            ? 'A token of yours lets a program do what your roles allow. Once there are some, this page says what needs your attention.'
            : 'Your roles allow no token anything so far. An owner or admin of the workspace can give you one that does.'}
        </p>
        <p class="actions">
          {canIssue && (
            <a class="button button-primary" href={visit.at('/tokens/new')}>
              Issue token
            </a>
          )}
          <a class="button" href={visit.at('/account')}>
            See what your roles allow
          </a>
        </p>
      </Empty>
    ),
  };
}
