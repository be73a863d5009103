import type { Role } from '../../../identity/named/kind.ts';
import { effectiveScopes, isReservedScope, type Scope } from '../../../identity/scopes.ts';
import { readGroupSizes } from '../../../tokens/group-sizes.ts';
import { countHoldersOf } from '../../../tokens/roles/use.ts';
import { type Form, freshDraft } from '../../kernel/form.ts';
import { PROOF_FIELDS } from '../../kernel/proof-fields.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { ScopeTags } from '../../parts/token.tsx';
import { tokensText, totalOf } from '../named/size.tsx';
import { crumbsTo } from './sections.tsx';

/** Whoever sends it has seen what the change adds and takes away. */
export const CONFIRMED_FIELD = 'confirmed';

/** What a change of a role's scopes means for who has it. It is sent on from here as it was typed. */
export async function previewView(visit: Visit, form: Form, role: Role, scopes: readonly Scope[]): Promise<View> {
  const { services, caller } = visit;
  const [sizes, holders] = await Promise.all([
    readGroupSizes(services, caller, 'role_id', [role.id]),
    countHoldersOf(services, caller, [role.id]),
  ]);
  const size = sizes?.get(role.id) ?? { live: 0, test: 0, isMore: false };
  const page = visit.at(`/roles/${role.id}`);
  const kept = form.entries.filter(([name]) => name !== 'csrf' && !PROOF_FIELDS.some((field) => field === name));
  return {
    title: `Change what “${role.name}” grants`,
    section: 'roles',
    crumbs: crumbsTo(visit, { title: role.name, href: page }, { title: 'Edit role', href: `${page}/edit` }),
    body: (
      <div class="narrow">
        <PageForm csrf={visit.csrf} draft={freshDraft()} action={`${page}/edit`} submit="Save role" cancel={page}>
          {kept.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <input type="hidden" name={CONFIRMED_FIELD} value="yes" />
          <Difference before={effectiveScopes(role.scopes)} after={effectiveScopes(scopes)} />
          <p class="alert alert-warn">
            <span>
              The role is carried by <strong>{tokensText(totalOf(size), size)}</strong> of both environments together,
              and held by <strong>{counted(holders.get(role.id) ?? 0, 'member')}</strong>. What they can do changes at
              once, everywhere. The tokens themselves stay as they are.
            </span>
          </p>
        </PageForm>
      </div>
    ),
  };
}

function Difference({ before, after }: { before: readonly Scope[]; after: readonly Scope[] }) {
  const added = after.filter((scope) => !before.includes(scope));
  const taken = before.filter((scope) => !after.includes(scope));
  return (
    <>
      {taken.length > 0 && (
        <Card title="Taken away" note="Who relies on one of these is refused from then on.">
          <ScopeTags scopes={taken} />
        </Card>
      )}
      {added.length > 0 && (
        <Card
          title="Added"
          {...(added.some(isReservedScope) && {
            note: 'Among these are scopes of Tooken itself: tokens that carry the role can call its API with them.',
          })}
        >
          <ScopeTags scopes={added} />
        </Card>
      )}
      {added.length + taken.length === 0 && (
        <p>What the role allows stays the same: each scope that goes or comes is implied by another one.</p>
      )}
    </>
  );
}
