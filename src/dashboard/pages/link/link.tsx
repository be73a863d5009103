import { type FoundLink, lookUpLink } from '../../../identity/links/links.ts';
import { acceptInvitation } from '../../../identity/members/join.ts';
import { resetPassword } from '../../../identity/members/reset.ts';
import { ServiceError } from '../../../lib/errors.ts';
import type { PageDeps } from '../../kernel/deps.ts';
import { type Draft, type Form, freshDraft } from '../../kernel/form.ts';
import type { OpenPages, OpenView } from '../../kernel/open-pages.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { LinkForm } from './link-form.tsx';

const KINDS = ['invitation', 'set_up', 'reset'] as const;

/**
 * Where links of members lead to. The secret is in the fragment of the address, which a script puts into the form: it is
 * sent in a body and never in an address. The first answer shows what the link is for, and uses nothing up.
 */
export function mountLink(pages: OpenPages, { services }: PageDeps): void {
  const find = (form: Form) => lookUpLink(services, tokenIn(form), KINDS, services.clock.now());

  pages.form('/link', {
    async show({ csrf }, draft) {
      const found = draft.form.has('chosen') ? await find(draft.form) : undefined;
      return found === undefined ? askForLink(csrf, draft) : askForPassword(csrf, draft, found);
    },
    async submit({ csrf, origin }, form) {
      const found = await find(form);
      if (found !== undefined && !form.has('chosen')) {
        const { name, email } = found.member;
        const isFirst = found.kind === 'set_up';
        const token = tokenIn(form);
        return askForPassword(csrf, freshDraft({ token, name: isFirst ? '' : name, email: email ?? '' }), found);
      }
      const { token, password } = chosenIn(form);
      if (found === undefined || found.kind === 'reset') {
        await resetPassword(services, origin, { token, password });
        return {
          goTo: '/sign-in',
          notice: 'Your new password is set, and every session before is over. Sign in with it.',
        };
      }
      const name = form.text('name').trim() || undefined;
      const email = found.member.email === null ? form.text('email') : undefined;
      await acceptInvitation(services, origin, { token, password, name, email });
      return { goTo: '/sign-in', notice: 'Your password is set. Sign in with it.' };
    },
  });
}

/** What was pasted may be all of the link. */
function tokenIn(form: Form): string {
  return form.text('token').trim().replace(/^.*#/, '');
}

function chosenIn(form: Form): { readonly token: string; readonly password: string } {
  const password = form.text('password');
  if (form.has('chosen') && password !== form.text('again')) {
    throw new ServiceError('validation_failed', {
      details: [{ path: 'again', message: 'is not the same as the password above' }],
    });
  }
  return { token: tokenIn(form), password };
}

function askForLink(csrf: string, draft: Draft): OpenView {
  return {
    title: 'Open a link',
    scripts: ['link.js'],
    body: (
      <>
        <p>Invitations, set-up links and links for a new password are opened here.</p>
        <PageForm csrf={csrf} draft={draft} submit="Open" action="/link">
          <TextField
            name="token"
            label="The link, or what follows the # in it"
            draft={draft}
            placeholder="tokl_…"
            required
            mono
          />
        </PageForm>
      </>
    ),
  };
}

function askForPassword(csrf: string, draft: Draft, found: FoundLink): OpenView {
  const titles = { invitation: 'Join', set_up: 'Set up Tooken', reset: 'Choose a new password' } as const;
  return { title: titles[found.kind], body: <LinkForm csrf={csrf} draft={draft} found={found} /> };
}
