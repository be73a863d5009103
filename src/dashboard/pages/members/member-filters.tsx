import { ACCESS_LEVELS } from '../../../identity/access-level.ts';
import type { MemberListInput } from '../../../identity/members/list.ts';
import { MEMBER_STATUSES } from '../../../identity/members/member.ts';
import { ServiceError } from '../../../lib/errors.ts';
import type { GroupId, RoleId } from '../../../lib/ids.ts';
import { memberListQuery } from '../../../web/member-fields.ts';
import { type Draft, formOf, parseFields, refusedDraft } from '../../kernel/form.ts';
import { toldOf } from '../../kernel/messages.ts';
import type { Visit } from '../../kernel/visit.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { ACCESS_TEXTS } from './access.tsx';
import { choicesOf, type Groupings } from './groupings.tsx';
import { STATUS_TEXTS } from './status.tsx';

const FILTERS = ['q', 'access', 'status', 'role', 'group'] as const;

/** What an address asks of the list of members. */
export interface ReadFilters {
  readonly draft: Draft;
  /** The filters that say something, as they go into addresses. */
  readonly params: URLSearchParams;
  /** Undefined if something is wrong with them, which the draft says. */
  readonly input: MemberListInput | undefined;
}

export function readFilters(query: URLSearchParams): ReadFilters {
  const params = givenIn(query);
  const cursor = query.get('cursor') ?? undefined;
  try {
    const { q, role, group, ...rest } = parseFields(memberListQuery, { ...Object.fromEntries(params), cursor });
    const input = { ...rest, text: q, role: role as RoleId | undefined, group: group as GroupId | undefined };
    return { draft: { form: formOf([...params]), problem: undefined, problemOf: () => undefined }, params, input };
  } catch (error) {
    return refuseFilters(query, error);
  }
}

/** The same, for filters that turn out to be wrong. Throws what is wrong with anything else. */
export function refuseFilters(query: URLSearchParams, error: unknown): ReadFilters {
  if (!(error instanceof ServiceError) || error.status >= 500) throw error;
  const params = givenIn(query);
  const draft = refusedDraft(formOf([...params]), toldOf(error));
  const problem = error.details === undefined ? draft.problem : 'This list has no such filter. Choose one above.';
  return { draft: { ...draft, problem }, params, input: undefined };
}

function givenIn(query: URLSearchParams): URLSearchParams {
  const given = FILTERS.map((name): [string, string] => [name, query.get(name)?.trim() ?? '']);
  return new URLSearchParams(given.filter(([, value]) => value !== ''));
}

/** The form of filters: it says who is shown, and its address can be kept. */
export function MemberFilters({ visit, draft, groupings }: { visit: Visit; draft: Draft; groupings: Groupings }) {
  const roles = choicesOf(groupings.roles).map(withoutHint);
  const groups = choicesOf(groupings.groups).map(withoutHint);
  return (
    <form
      method="get"
      action={visit.at('/members')}
      class="filters member-filters"
      data-filter
      aria-label="Filter members"
    >
      <TextField name="q" label="Name or email" type="search" draft={draft} maxlength={254} />
      <SelectField
        name="access"
        label="Access"
        draft={draft}
        choices={[
          { value: '', label: 'Any access' },
          ...ACCESS_LEVELS.map((level) => ({ value: level, label: ACCESS_TEXTS[level].title })),
        ]}
      />
      <SelectField
        name="status"
        label="Status"
        draft={draft}
        choices={[
          { value: '', label: 'All but removed' },
          ...MEMBER_STATUSES.map((status) => ({ value: status, label: STATUS_TEXTS[status] })),
        ]}
      />
      {roles.length > 0 && (
        <SelectField name="role" label="Role" draft={draft} choices={[{ value: '', label: 'Any role' }, ...roles]} />
      )}
      {groups.length > 0 && (
        <SelectField
          name="group"
          label="Group"
          draft={draft}
          choices={[{ value: '', label: 'Any group' }, ...groups]}
        />
      )}
      <button type="submit" class="button">
        Filter
      </button>
    </form>
  );
}

function withoutHint({ value, label }: { readonly value: string; readonly label: string }) {
  return { value, label };
}
