import type { Activity } from '../../introspection/usage/activity.ts';
import { TimeChart } from './chart.tsx';
import { Card } from './facts.tsx';

const SERIES = [
  { name: 'Accepted', tone: 1 },
  { name: 'Denied', tone: 3 },
] as const;

/** How often tokens were used, lately and in the long run. */
export function UseCard({ activity }: { activity: Activity }) {
  const bucketsOf = (intervals: Activity['hours']) =>
    intervals.map(({ startsAt, accepted, denied }) => ({ start: startsAt, values: [accepted, denied] }));
  return (
    <Card title="Use">
      <div class="columns">
        <TimeChart title="Last 24 hours" unit="hour" series={SERIES} buckets={bucketsOf(activity.hours)} />
        <TimeChart title="Last 30 days" unit="day" series={SERIES} buckets={bucketsOf(activity.days)} />
      </div>
    </Card>
  );
}
