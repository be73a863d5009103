import type { ScopeChoice } from '../../../tokens/scope-choices.ts';
import { TOKEN_STATUSES } from '../../../tokens/token.ts';
import { type Draft, freshDraft } from '../../kernel/form.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { statusText } from '../../parts/token.tsx';
import { type FilterName, type Filters, labelOf } from './list-filters.ts';
import { ReferenceField } from './reference-field.tsx';
import type { References } from './references.ts';

/** What can be chosen from. */
export interface FilterChoices {
  readonly scopes: readonly ScopeChoice[];
  readonly roles: References;
  readonly projects: References;
  /** Undefined where only ids say who it is: for who may not list members. */
  readonly owners: References | undefined;
  /** False for who sees nothing but what is its own. */
  readonly hasOwners: boolean;
}

/** The filters above the list. They apply as one types; the button is for browsers without scripts. */
export function FilterForm({ filters, choices }: { filters: Filters; choices: FilterChoices }) {
  const draft: Draft = { ...freshDraft(), form: filters.form };
  const field = (name: FilterName) => ({ name, label: labelOf(name), draft });
  return (
    <form method="get" class="filters token-filters" data-filter aria-label="Filter tokens">
      <TextField {...field('name')} type="search" maxlength={128} />
      <SelectField {...field('status')} choices={statusChoices(draft.form.text('status'))} />
      <TextField {...field('scope')} list="list-scope" placeholder="invoices:read" mono />
      <datalist id="list-scope">
        {choices.scopes.map(({ name }) => (
          <option value={name} />
        ))}
      </datalist>
      <button type="submit" class="button filter-submit">
        Filter
      </button>
      <details open={filters.isRare}>
        <summary>More filters</summary>
        <div>
          <ReferenceField {...field('role')} references={choices.roles} none="Any" />
          <ReferenceField {...field('project_id')} references={choices.projects} none="Any" />
          {choices.hasOwners &&
            (choices.owners === undefined ? (
              <TextField {...field('owner')} placeholder="usr_…" mono />
            ) : (
              <ReferenceField {...field('owner')} references={choices.owners} none="Any" />
            ))}
          <TextField {...field('created_by')} placeholder="key_…, usr_…, tkn_…" mono />
          <TextField {...day(field('expires_before'))} />
          <TextField {...day(field('unused_since'))} />
        </div>
      </details>
    </form>
  );
}

/** A field for a day shows no more of a time than its day. */
function day<Props extends { name: string; draft: Draft }>(props: Props) {
  const { name, draft } = props;
  const shown = freshDraft({ [name]: draft.form.text(name).slice(0, 'YYYY-MM-DD'.length) });
  return { ...props, draft: shown, type: 'date' as const };
}

/** An address can name several at once, which then are one choice more. */
function statusChoices(chosen: string) {
  const choices = TOKEN_STATUSES.map((status) => ({ value: status as string, label: statusText(status) }));
  const names = chosen.split(',').map((value) => choices.find((choice) => choice.value === value)?.label ?? value);
  const several = names.length > 1 ? [{ value: chosen, label: names.join(', ') }] : [];
  return [{ value: '', label: 'Any' }, ...choices, ...several];
}
