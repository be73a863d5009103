import { ACCESS_LEVELS } from '../../../identity/access-level.ts';
import type { MemberListInput } from '../../../identity/members/list.ts';
import { MEMBER_STATUSES } from '../../../identity/members/member.ts';
import { ServiceError } from '../../../lib/errors.ts';
import type { GroupId, RoleId } from '../../../lib/ids.ts';
import { memberListQuery } from '../../../web/member-fields.ts';
import { freshDraft, parseFields } from '../../kernel/form.ts';
import type { Visit } from '../../kernel/visit.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { ACCESS_TEXTS } from './access.tsx';
import { choicesOf, type Groupings } from './groupings.tsx';
import { STATUS_TEXTS } from './status.tsx';

const FILTERS = ['q', 'access', 'status', 'role', 'group'] as const;

/** What an address asks of the list of members. */
export interface ReadFilters {
  /** The filters that say something, as they go into addresses. */
  readonly params: URLSearchParams;
  /** Undefined if something is wrong with them. */
  readonly input: MemberListInput | undefined;
  /** What is. */
  readonly problem: string | undefined;
}

export function readFilters(query: URLSearchParams): ReadFilters {
  const params = givenIn(query);
  const cursor = query.get('cursor') || undefined;
  try {
    const { q, role, group, ...rest } = parseFields(memberListQuery, { ...Object.fromEntries(params), cursor });
    const input = { ...rest, text: q, role: role as RoleId | undefined, group: group as GroupId | undefined };
    return { params, input, problem: undefined };
  } catch (error) {
    return refuseFilters(query, error);
  }
}

/** The same, for filters that turn out to be wrong. Throws what is no fault of theirs. */
export function refuseFilters(query: URLSearchParams, error: unknown): ReadFilters {
  if (!(error instanceof ServiceError)) throw error;
  const { code, details = [] } = error;
  if (code !== 'validation_failed' && code !== 'invalid_request') throw error;
  const problems = details.map(({ path, message }) => `The filter “${path}” ${message}.`);
  return { params: givenIn(query), input: undefined, problem: problems.join(' ') || NO_PLACE_MESSAGE };
}

const NO_PLACE_MESSAGE = 'The address leads to no place in this list. Start from the newest again.';

function givenIn(query: URLSearchParams): URLSearchParams {
  const given = FILTERS.map((name): [string, string] => [name, query.get(name)?.trim() ?? '']);
  return new URLSearchParams(given.filter(([, value]) => value !== ''));
}

interface MemberFiltersProps {
  readonly visit: Visit;
  readonly filters: ReadFilters;
  readonly groupings: Groupings;
}

/** The form of filters: it says who is shown, and its address can be kept. */
export function MemberFilters({ visit, filters, groupings }: MemberFiltersProps) {
  const draft = freshDraft(Object.fromEntries(filters.params));
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
      <button type="submit" class="button filter-submit">
        Filter
      </button>
    </form>
  );
}

function withoutHint({ value, label }: { readonly value: string; readonly label: string }) {
  return { value, label };
}
