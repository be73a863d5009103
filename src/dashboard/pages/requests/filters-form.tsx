import { OPERATIONS } from '../../../rights/rights.ts';
import { METHODS } from '../../../web/request-filters.ts';
import { type Draft, freshDraft } from '../../kernel/form.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { type CallFilterName, type CallFilters, labelOf } from './filters.ts';

/** The filters above the list. They apply as one types; the button is for browsers without scripts. */
export function CallFilterForm({ filters, names }: { filters: CallFilters; names: ReadonlyMap<string, string> }) {
  const problems = 'problems' in filters.read ? filters.read.problems : [];
  const draft: Draft = {
    ...freshDraft(),
    form: filters.form,
    problemOf: (name) => problems.find((problem) => problem.name === name)?.text,
  };
  const field = (name: CallFilterName) => ({ name, label: labelOf(name), draft });
  return (
    <form method="get" class="filters call-filters" data-filter aria-label="Filter calls">
      <TextField {...field('principal')} list="list-principal" placeholder="key_…, tkn_…" mono />
      <SelectField {...field('method')} choices={METHOD_CHOICES} />
      <TextField {...field('route')} list="list-route" placeholder="/v1/tokens/{id}" mono />
      <SelectField {...field('status')} choices={statusChoices(draft.form.text('status'))} />
      <TextField {...field('ip')} placeholder="192.0.2.7" mono />
      <TextField {...field('since')} label={`${labelOf('since')} (UTC day)`} placeholder="2026-11-22" mono />
      <TextField {...field('until')} label={`${labelOf('until')} (UTC day, included)`} placeholder="2026-11-22" mono />
      <button type="submit" class="button filter-submit">
        Filter
      </button>
      <datalist id="list-principal">
        {Array.from(names, ([id, name]) => (
          <option value={id}>{name}</option>
        ))}
      </datalist>
      <datalist id="list-route">
        {ROUTES.map((route) => (
          <option value={route} />
        ))}
      </datalist>
    </form>
  );
}

const ROUTES = [...new Set(Object.values(OPERATIONS).map(({ path }) => path))].sort();

const METHOD_CHOICES = [{ value: '', label: 'Any' }, ...METHODS.map((method) => ({ value: method, label: method }))];

/** An address can name a single status, which then is one choice more. */
function statusChoices(chosen: string) {
  const choices = [
    { value: '', label: 'Any' },
    { value: '2xx', label: '2xx, done' },
    { value: '3xx', label: '3xx, elsewhere' },
    { value: '4xx', label: '4xx, refused' },
    { value: '5xx', label: '5xx, failed' },
  ];
  return choices.some(({ value }) => value === chosen) ? choices : [...choices, { value: chosen, label: chosen }];
}
