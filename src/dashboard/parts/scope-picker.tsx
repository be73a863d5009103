import { isReservedScope } from '../../identity/scopes.ts';
import type { ScopeChoice } from '../../tokens/scope-choices.ts';
import type { Draft } from '../kernel/form.ts';
import { TextField } from './field.tsx';
import { Icon } from './icon.tsx';
import { reservedText } from './reserved-scopes.ts';

/** The scopes that can be chosen. */
export interface ScopeOffer {
  readonly scopes: readonly ScopeChoice[];
  /** Whether others can be granted that are not among these. */
  readonly takesOthers: boolean;
}

/** From so many on, one types to find a scope. */
const MANY = 8;

/** The scopes that a token or a role is to grant: those of the catalogue to tick, and a field for others. */
export function ScopeFields({ draft, choices }: { draft: Draft; choices: ScopeOffer }) {
  const ticked = draft.form.all('scopes');
  const problem = draft.problemOf('scopes');
  const gone = ticked.filter((scope) => choices.scopes.every(({ name }) => name !== scope));
  const ordinary = choices.scopes.filter(({ isReserved }) => !isReserved);
  const reserved = choices.scopes.filter(({ isReserved }) => isReserved);
  const shown = [...gone.map((name) => ({ name, description: null })), ...ordinary];
  const takesOthers = choices.takesOthers || draft.form.text('other_scopes') !== '';
  return (
    <>
      {shown.length > 0 && (
        <fieldset
          class={problem === undefined ? 'field' : 'field field-wrong'}
          aria-describedby={problem === undefined ? undefined : 'field-scopes-problem'}
        >
          <legend>Scopes</legend>
          {shown.length > MANY && (
            <input
              type="search"
              class="narrow-choices"
              data-narrow="scope-choices"
              placeholder="Find a scope"
              aria-label="Find a scope"
              autocomplete="off"
              hidden
            />
          )}
          <div class="choices scope-choices" id="scope-choices">
            {shown.map((choice) => (
              <ScopeBox choice={choice} isTicked={ticked.includes(choice.name)} />
            ))}
          </div>
        </fieldset>
      )}
      {problem !== undefined && (
        <p class="problem" id="field-scopes-problem">
          {problem}
        </p>
      )}
      {takesOthers && (
        <TextField
          name="other_scopes"
          label={shown.length > 0 ? 'Other scopes' : 'Scopes'}
          draft={draft}
          placeholder="invoices:read payments:write"
          hint="As resource:action, with spaces between them. Whoever may write may also read."
          mono
        />
      )}
      {reserved.length > 0 && <ReservedScopes scopes={reserved} ticked={ticked} />}
    </>
  );
}

function ReservedScopes({ scopes, ticked }: { scopes: readonly ScopeChoice[]; ticked: readonly string[] }) {
  return (
    <details class="reserved-scopes" open={scopes.some(({ name }) => ticked.includes(name))}>
      <summary>Scopes for Tooken itself</summary>
      <fieldset class="field">
        <legend class="unseen">Scopes for Tooken itself</legend>
        <p class="alert alert-warn">
          <Icon name="warning" />
          <span>
            With these a token calls Tooken, not your APIs. Give them to programs that manage tokens or check them, and
            to no one else.
          </span>
        </p>
        <div class="choices">
          {scopes.map((choice) => (
            <ScopeBox
              choice={{ name: choice.name, description: descriptionOf(choice.name) }}
              isTicked={ticked.includes(choice.name)}
            />
          ))}
        </div>
      </fieldset>
    </details>
  );
}

function ScopeBox({
  choice: { name, description },
  isTicked,
}: {
  choice: { readonly name: string; readonly description: string | null };
  isTicked: boolean;
}) {
  return (
    <label class="choice">
      <input type="checkbox" name="scopes" value={name} checked={isTicked} />
      <span>
        <code>{name}</code>
        {description !== null && (
          <span class="hint">
            <bdi>{description}</bdi>
          </span>
        )}
      </span>
    </label>
  );
}

function descriptionOf(scope: string): string | null {
  return isReservedScope(scope) ? reservedText(scope) : null;
}
