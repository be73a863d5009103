import { sourceOf } from '../../../lib/addresses.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { forgottenFields } from '../../../web/sign-in-fields.ts';
import type { PageDeps } from '../../kernel/deps.ts';
import { parseFields, typedIn } from '../../kernel/form.ts';
import type { OpenPages } from '../../kernel/open-pages.ts';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';

/** Asks for a link by which somebody sets a new password. The answer is the same whoever asks. */
export function mountForgotten(pages: OpenPages, { services }: PageDeps): void {
  pages.form('/forgotten', {
    show: ({ csrf }, draft) => ({
      title: 'Forgotten password',
      body: services.mailer.isConfigured ? (
        <>
          <p>
            Say by which address you sign in. If it is known here, a link by which you choose a new password goes to it.
          </p>
          <PageForm csrf={csrf} draft={draft} submit="Send the link" cancel="/sign-in">
            {(draft.form.has('workspace') || draft.problemOf('workspace') !== undefined) && (
              <TextField name="workspace" label="Workspace" draft={draft} hint="Its name or id." />
            )}
            <TextField name="email" label="Email" type="email" autocomplete="username" draft={draft} required />
          </PageForm>
        </>
      ) : (
        <>
          <p>
            This service sends no mail. Ask an owner or admin of your workspace: the page <em>Members</em> makes a link
            by which you choose a new password.
          </p>
          <p>
            Who runs the service makes one with <code>tooken members reset</code>.
          </p>
          <p>
            <a href="/sign-in">Back to signing in</a>
          </p>
        </>
      ),
    }),
    async submit({ c, origin }, form) {
      const { mails } = services.limits;
      const source = sourceOf(c.get('address') ?? 'unknown');
      if (!mails.take(source)) throw new ServiceError('rate_limited', mails.standingOf(source));
      const forgotten = parseFields(forgottenFields, typedIn(form, 'email', 'workspace'));
      await services.forgottenPasswords.take(forgotten, origin);
      return {
        goTo: '/sign-in',
        notice:
          'If that address is known here, a link is on its way to it. It works for 72 hours; look into the spam folder, too.',
      };
    },
  });
}
