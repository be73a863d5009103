import { isFinished, statusOf, type Token } from '../../../tokens/token.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { belowToken, tokenPath } from './detail-token.ts';

/** Stands in for a form that a token has no use for as it is: it ended, or did not yet, since a link led there. */
export function noFormView(visit: Visit, token: Token, { title, why }: { title: string; why: string }): View {
  return {
    ...belowToken(visit, token),
    title,
    body: (
      <div class="narrow stack">
        <div class="alert alert-warn" role="alert">
          {why}
        </div>
        <p>
          <a class="button" href={tokenPath(visit, token)}>
            Back to the token
          </a>
        </p>
      </div>
    ),
  };
}

/** Whether it is over for good: revoked or expired. */
export function isOver(token: Token, now: Date): boolean {
  return isFinished(statusOf(token, now));
}

/** `The token is revoked` */
export function overSentence(token: Token, now: Date): string {
  return `The token is ${statusOf(token, now)}`;
}
