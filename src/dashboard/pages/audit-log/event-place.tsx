import { toHex } from '../../../audit/core/base64.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card, Facts } from '../../parts/facts.tsx';
import { thousands } from '../../parts/times.ts';
import { Exact, When } from '../../parts/when.tsx';
import type { PageRecord } from './event-record.ts';
import type { LogStanding } from './event-standing.ts';

interface PlaceProps {
  readonly visit: Visit;
  readonly record: PageRecord;
  readonly standing: LogStanding;
}

/** Where in the log it is, and whether that is signed. */
export function EventPlace({ visit, record: { event }, standing }: PlaceProps) {
  const { checkpoint, key, size } = standing;
  const isCovered = checkpoint !== undefined && event.leaf_index < checkpoint.size;
  return (
    <Card title="Its place in the log">
      <Facts
        facts={[
          ['Place', `${thousands(event.leaf_index)} of ${thousands(size)}, counted from 0`],
          ['Proof', <Status isCovered={isCovered} isHalted={standing.isHalted} />],
          [
            'Checkpoint',
            checkpoint === undefined ? undefined : (
              <>
                of {thousands(checkpoint.size)} events, signed <SignedWhen visit={visit} at={checkpoint.createdAt} />
              </>
            ),
          ],
          [
            'Signed by',
            key && (
              <>
                <code>{key.origin}</code>
                <span class="muted beside">
                  key <code>{toHex(key.verifier.keyId)}</code>
                </span>
              </>
            ),
          ],
          ['Cosigned by', checkpoint && <Cosigners standing={standing} />],
        ]}
      />
    </Card>
  );
}

/** The page may have asked for it itself, after it began. */
export function SignedWhen({ visit: { now }, at }: { visit: Visit; at: Date }) {
  return <When at={at} now={at > now ? at : now} />;
}

function Status({ isCovered, isHalted }: { isCovered: boolean; isHalted: boolean }) {
  if (isCovered) return <Badge tone="good">Covered by a signed checkpoint</Badge>;
  if (isHalted) {
    return (
      <>
        <Badge tone="bad">Not signed</Badge> Nothing more is signed for this log. <code>tooken doctor</code> says why.
      </>
    );
  }
  return (
    <>
      <Badge tone="accent">Not signed yet</Badge> The next checkpoint covers it, in about a second. Verifying asks for
      one at once.
    </>
  );
}

/** What the lines of witnesses say. Whether they are theirs, only their keys can tell. */
export function Cosigners({ standing: { cosigners } }: { standing: LogStanding }) {
  if (cosigners.length === 0) return <span class="muted">no witness</span>;
  return (
    <ul>
      {cosigners.map(({ name, at }) => (
        <li>
          <code>{name}</code>{' '}
          {at !== undefined && (
            <span class="muted">
              <Exact at={at} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
