import { PROJECT, type Project } from '../../../identity/named/kind.ts';
import { ServiceError } from '../../../lib/errors.ts';
import { readGroupSizes } from '../../../tokens/group-sizes.ts';
import { revokeTokensOfProject } from '../../../tokens/projects/revoke-tokens.ts';
import { projectRevocation } from '../../../web/project-fields.ts';
import { type Draft, type Form, parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { effectiveOn } from '../../parts/effective.ts';
import { TextArea, TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { textOrNull } from '../named/fields.ts';
import { findNamed } from '../named/find.ts';
import { tokensText } from '../named/size.tsx';

/** Ends every token of a project in one environment. Its name has to be typed: no click alone does this. */
export function mountRevokeTokensOfProject(pages: Pages): void {
  pages.form('/projects/:id/revoke-tokens', 'revokeTokensOfProject', {
    async show(visit, draft) {
      const project = await findNamed(visit, PROJECT);
      const page = visit.at(`/projects/${project.id}`);
      return {
        title: 'Revoke all tokens',
        section: 'projects',
        crumbs: [
          { title: 'Projects', href: visit.at('/projects') },
          { title: project.name, href: page },
        ],
        body: <div class="narrow stack">{await confirmation(visit, draft, project, page)}</div>,
      };
    },
    async submit(visit, form) {
      const { id, name } = await findNamed(visit, PROJECT);
      requireName(form, name);
      const { reason } = parseFields(projectRevocation, { reason: textOrNull(form, 'reason') });
      const { revoked, effective } = await revokeTokensOfProject(visit.services, visit.caller, id, reason);
      const what = `${counted(revoked, 'token')} of “${name}” ${revoked === 1 ? 'is' : 'are'} revoked`;
      return seeOther(visit.at(`/projects/${id}`), `${what}, ${effectiveOn(effective)}.`);
    },
  });
}

async function confirmation(visit: Visit, draft: Draft, { id, name }: Project, page: string) {
  const { environment } = visit;
  const sizes = await readGroupSizes(visit.services, visit.caller, 'project_id', [id]);
  const { [environment]: count = 0, isMore = false } = sizes?.get(id) ?? {};
  if (count === 0 && !isMore) {
    return (
      <>
        <p>
          The project{' '}
          <strong>
            <bdi>{name}</bdi>
          </strong>{' '}
          has no token in the {environment} environment that could be revoked: there is none, or all of them are revoked
          or expired.
        </p>
        <p>
          <a class="button" href={page}>
            Back to the project
          </a>
        </p>
      </>
    );
  }
  const tokens = tokensText(count, { isMore });
  return (
    <PageForm csrf={visit.csrf} draft={draft} submit={`Revoke ${tokens}`} cancel={page} danger>
      <p class="alert alert-warn">
        <span>
          This revokes <strong>{tokens}</strong> of the {environment} environment, and those that are issued into the
          project while it is at work. Whoever uses one of them is refused from then on, everywhere. It cannot be
          undone.
        </span>
      </p>
      <p class="muted">
        Should it be interrupted, some may be revoked and others not yet; sending it again goes on from there.
      </p>
      <div>
        <p class="label">The project</p>
        <Copyable label="Name of the project" text={name} />
      </div>
      <TextField
        name="confirm_name"
        label="Type its name to confirm"
        draft={draft}
        hint="Exactly as it is above."
        required
      />
      <TextArea
        name="reason"
        label="Reason"
        draft={draft}
        hint="Kept with each token, and in the audit log."
        optional
      />
    </PageForm>
  );
}

function requireName(form: Form, name: string): void {
  if (form.text('confirm_name').trim() === name) return;
  throw new ServiceError('validation_failed', {
    details: [{ path: 'confirm_name', message: 'is not the name of the project' }],
  });
}
