import { createResetLink } from '../../../identity/members/reset.ts';
import type { Pages } from '../../kernel/pages.ts';
import { RESET_TEXTS } from './link-once.tsx';
import { mountLinkPage } from './link-page.tsx';

/** A link for somebody who is locked out. */
export function mountReset(pages: Pages): void {
  mountLinkPage(pages, {
    path: '/members/:id/reset',
    needs: 'createPasswordReset',
    title: ({ name }) => `Make a reset link for ${name}`,
    note: ({ hasTotp }) => (
      <>
        <p>
          You get a link to pass on, good for 72 hours, by which a new password is chosen. Make sure that you talk to
          the right person: the link opens the account.
        </p>
        <ul class="notes">
          <li>Nothing changes until the link is used. Then every session ends.</li>
          <li>Links that were made before stop working.</li>
          {hasTotp && <li>The second factor stays on. Whoever has lost that too needs an operator of this service.</li>}
        </ul>
      </>
    ),
    submit: 'Make reset link',
    make: ({ services, caller }, id, once) => createResetLink(services, caller, id, {}, once),
    made: ({ name }) => ({ ...RESET_TEXTS, title: `A reset link for ${name}` }),
  });
}
