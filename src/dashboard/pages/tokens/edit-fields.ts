import { isFinished, statusOf, type Token } from '../../../tokens/token.ts';
import type { UpdateInput } from '../../../tokens/update.ts';
import { updateFields, updateInputOf } from '../../../web/token-change-fields.ts';
import { type Form, parseFields } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { instantText, minuteText } from '../../parts/utc-input.ts';
import { REVISION_FIELD, textOrNull } from '../named/fields.ts';
import type { IssueChoices } from './issue-choices.ts';
import { scopesIn } from './issue-fields.ts';
import { metadataIn, metadataText } from './metadata-text.ts';

/** What is in the form when it is opened: the token as it is. */
export function editValues(token: Token, { scopes, takesOthers }: Pick<IssueChoices, 'scopes' | 'takesOthers'>) {
  const isListed = (scope: string) => !takesOthers || scopes.some(({ name }) => name === scope);
  return {
    [REVISION_FIELD]: String(token.revision),
    name: token.name,
    description: token.description ?? '',
    scopes: token.scopes.filter(isListed),
    other_scopes: token.scopes.filter((scope) => !isListed(scope)).join(' '),
    role: token.role?.id ?? '',
    project_id: token.projectId ?? '',
    allowed_cidrs: token.allowedCidrs?.join('\n') ?? '',
    expires_at: token.expiresAt === null ? '' : minuteText(token.expiresAt),
    metadata: metadataText(token.metadata),
  };
}

/**
 * What the form says is to be changed: of a token that is over its notes alone, and its project by those who may move it.
 *
 * @throws ServiceError `validation_failed`
 */
export function updateInputIn(visit: Visit, token: Token, form: Form): UpdateInput {
  const notes = {
    name: form.text('name'),
    description: textOrNull(form, 'description'),
    metadata: metadataIn(form.text('metadata')),
  };
  if (isFinished(statusOf(token, visit.now))) return updateInputOf(parseFields(updateFields, notes));
  const cidrs = form
    .text('allowed_cidrs')
    .split(/[\s,]+/)
    .filter((cidr) => cidr !== '');
  return updateInputOf(
    parseFields(updateFields, {
      ...notes,
      scopes: scopesIn(form),
      role: form.text('role').trim() || null,
      allowed_cidrs: cidrs.length === 0 ? null : cidrs,
      ...(movesTokens(visit) && { project_id: form.text('project_id').trim() || null }),
      ...expiryIn(token, form),
    }),
  );
}

/** Only those who manage the workspace move tokens between projects. */
export function movesTokens(visit: Visit): boolean {
  return visit.may('updateProject');
}

/** Fields know minutes and tokens milliseconds: what nobody has touched stays as exact as it is. */
function expiryIn({ expiresAt }: Token, form: Form): { expires_at?: string | null } {
  const typed = form.text('expires_at').trim();
  if (typed === (expiresAt === null ? '' : minuteText(expiresAt))) return {};
  return { expires_at: typed === '' ? null : instantText(typed) };
}
