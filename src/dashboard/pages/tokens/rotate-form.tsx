import type { Token } from '../../../tokens/token.ts';
import type { Draft } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey } from '../../kernel/once.ts';
import type { Visit } from '../../kernel/visit.ts';
import { ChoicesField } from '../../parts/choice-field.tsx';
import { TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { absoluteDay, absoluteTime } from '../../parts/times.ts';
import { tokenPath } from './detail-token.ts';
import { CUSTOM, MAX_GRACE_HOURS } from './rotate-fields.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const OVERLAPS = [
  { seconds: HOUR_SECONDS, label: 'After 1 hour' },
  { seconds: DAY_SECONDS, label: 'After 24 hours' },
  { seconds: 7 * DAY_SECONDS, label: 'After 7 days' },
] as const;

const LIFETIMES_DAYS = [30, 90, 365] as const;

/** Asks when the old secret stops, and whether the token is to end at another time. */
export function RotateForm({ visit, token, draft }: { visit: Visit; token: Token; draft: Draft }) {
  return (
    <PageForm csrf={visit.csrf} draft={draft} submit="Rotate token" cancel={tokenPath(visit, token)}>
      <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD) || onceKey(visit)} />
      <div class="boxes">
        <ChoicesField
          name="grace_seconds"
          label="The present secret stops"
          type="radio"
          draft={draft}
          choices={graceChoices(visit.now, token.expiresAt)}
        />
        <div class="box-detail">
          <TextField
            name="grace_hours"
            label="Hours of overlap"
            draft={draft}
            inputmode="numeric"
            hint={`For another time: up to ${MAX_GRACE_HOURS}, which is 7 days.`}
          />
        </div>
      </div>
      <div class="boxes">
        <ChoicesField
          name="expiry"
          label="The token expires"
          type="radio"
          draft={draft}
          choices={expiryChoices(visit.now, token.expiresAt)}
        />
        <div class="box-detail">
          <TextField
            name="expires_at"
            label="Expires at"
            type="datetime-local"
            draft={draft}
            hint="For another time, in UTC. From that minute on it is refused."
          />
        </div>
      </div>
    </PageForm>
  );
}

/** No secret outlives the token it opens. */
function graceChoices(now: Date, expiresAt: Date | null) {
  const after = OVERLAPS.map(({ seconds, label }) => {
    const end = new Date(now.getTime() + seconds * 1000);
    const isBeyond = expiresAt !== null && expiresAt < end;
    const hint = isBeyond ? `With the token, ${absoluteTime(expiresAt)}` : absoluteTime(end);
    return { value: String(seconds), label, hint };
  });
  return [
    { value: '0', label: 'At once', hint: 'Whoever uses it is refused from then on. For a secret that has leaked.' },
    ...after,
    { value: CUSTOM, label: 'After another time' },
  ];
}

function expiryChoices(now: Date, expiresAt: Date | null) {
  const never = { value: 'never', label: 'Never' };
  const after = LIFETIMES_DAYS.map((days) => ({
    value: String(days * DAY_SECONDS),
    label: `In ${days} days`,
    hint: absoluteDay(new Date(now.getTime() + days * DAY_SECONDS * 1000)),
  }));
  const kept = { value: 'keep', label: 'As before', hint: expiresAt === null ? 'Never' : absoluteTime(expiresAt) };
  const other = { value: CUSTOM, label: 'At another time' };
  return [kept, ...after, ...(expiresAt === null ? [] : [never]), other];
}
