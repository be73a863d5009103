import { AUDIT_ACTIONS } from '../../../audit/events/catalogue.ts';
import type { AuditEvent } from '../../../audit/events/event.ts';
import { type Draft, freshDraft } from '../../kernel/form.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import { type FilterName, type LogFilters, labelOf } from './filters.ts';

/** The filters as they are in fields, with what is wrong with each. */
export function filterDraft({ form, read }: LogFilters): Draft {
  const problems = 'problems' in read ? read.problems : [];
  return {
    ...freshDraft(),
    form,
    problemOf: (name) => problems.find((problem) => problem.name === name)?.text,
  };
}

/** The filters above the list. They apply as one types; the button is for browsers without scripts. */
export function FilterForm({ filters, events }: { filters: LogFilters; events: readonly AuditEvent[] }) {
  const draft = filterDraft(filters);
  return (
    <form method="get" class="filters log-filters" data-filter aria-label="Filter events">
      <TextField name="q" label={labelOf('q')} draft={draft} type="search" placeholder="An id, a reason, a scope …" />
      <TextField name="action" label={labelOf('action')} draft={draft} list="list-action" placeholder="token.*" mono />
      <SelectField
        name="outcome"
        label={labelOf('outcome')}
        draft={draft}
        choices={outcomeChoices(draft.form.text('outcome'))}
      />
      <TimeFields draft={draft} />
      <button type="submit" class="button filter-submit">
        Filter
      </button>
      <details open={filters.isRare}>
        <summary>More filters</summary>
        <RareFields draft={draft} />
      </details>
      <ActionList />
      <SubjectLists events={events} />
    </form>
  );
}

/** All of the filters, for a form that is sent. */
export function FilterFields({ draft }: { draft: Draft }) {
  return (
    <div class="log-filter-fields">
      <TimeFields draft={draft} />
      <TextField name="action" label={labelOf('action')} draft={draft} list="list-action" placeholder="token.*" mono />
      <SelectField
        name="outcome"
        label={labelOf('outcome')}
        draft={draft}
        choices={outcomeChoices(draft.form.text('outcome'))}
      />
      <TextField name="q" label={labelOf('q')} draft={draft} placeholder="An id, a reason, a scope …" />
      <RareFields draft={draft} />
      <ActionList />
    </div>
  );
}

function TimeFields({ draft }: { draft: Draft }) {
  return (
    <>
      <TextField name="since" label={`${labelOf('since')} (UTC day)`} draft={draft} placeholder="2026-11-22" mono />
      <TextField
        name="until"
        label={`${labelOf('until')} (UTC day, included)`}
        draft={draft}
        placeholder="2026-11-22"
        mono
      />
    </>
  );
}

const RARE_PLACEHOLDERS = {
  actor: 'key_…, usr_…, system',
  target: 'tkn_…, invoices:read',
  ip: '192.0.2.7',
  request_id: 'req_…',
} as const satisfies Partial<Record<FilterName, string>>;

function RareFields({ draft }: { draft: Draft }) {
  return (
    <div class="log-filters-rare">
      {(['actor', 'target', 'ip', 'request_id'] as const).map((name) => (
        <TextField
          name={name}
          label={labelOf(name)}
          draft={draft}
          placeholder={RARE_PLACEHOLDERS[name]}
          list={`list-${name}`}
          mono
        />
      ))}
    </div>
  );
}

function ActionList() {
  const actions = Object.keys(AUDIT_ACTIONS);
  const kinds = [...new Set(actions.map((action) => action.replace(/\..*$/, '.*')))];
  return (
    <datalist id="list-action">
      {[...kinds, ...actions].map((value) => (
        <option value={value} />
      ))}
    </datalist>
  );
}

/** Whoever is in the list that is shown can be chosen by name. */
function SubjectLists({ events }: { events: readonly AuditEvent[] }) {
  const actors = new Map<string, string>([
    ['system', 'Tooken and its operators'],
    ['anonymous', 'Somebody'],
  ]);
  const targets = new Map<string, string>();
  for (const { actor, targets: each } of events) {
    if (actor.id !== null) actors.set(actor.id, actor.name ?? '');
    for (const { id, name } of each) targets.set(id, name ?? '');
  }
  return (
    <>
      <Suggestions id="list-actor" values={actors} />
      <Suggestions id="list-target" values={targets} />
    </>
  );
}

function Suggestions({ id, values }: { id: string; values: ReadonlyMap<string, string> }) {
  return (
    <datalist id={id}>
      {Array.from(values, ([value, name]) => (
        <option value={value}>{name}</option>
      ))}
    </datalist>
  );
}

/** An address can name several at once; the pair that people look for has a choice of its own. */
function outcomeChoices(chosen: string) {
  const choices = [
    { value: '', label: 'Any' },
    { value: 'success', label: 'Success' },
    { value: 'denied', label: 'Denied' },
    { value: 'failure', label: 'Failure' },
    { value: 'denied,failure', label: 'Denied or failure' },
  ];
  return choices.some(({ value }) => value === chosen) ? choices : [...choices, { value: chosen, label: chosen }];
}
