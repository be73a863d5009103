import type { Visit } from '../../kernel/visit.ts';
import { Badge } from '../../parts/badge.tsx';
import { Copyable } from '../../parts/copyable.tsx';
import { Card, Facts } from '../../parts/facts.tsx';
import { counted } from '../../parts/times.ts';
import { Cosigners, SignedWhen } from './event-place.tsx';
import type { LogStanding } from './event-standing.ts';

/** What is signed of the log now, as it is handed out. */
export interface LogHead {
  /** The signed note, with cosignatures. */
  readonly checkpoint: string;
  /** The verifier key. */
  readonly key: string;
}

export function HeadCard({ visit, head, standing }: { visit: Visit; head: LogHead; standing: LogStanding }) {
  const { checkpoint, isHalted } = standing;
  return (
    <Card
      title="The log now"
      actions={
        <>
          <a href={visit.at('/audit-log/key.txt')} download="log.key">
            Download key
          </a>
          <a href={visit.at('/audit-log/checkpoint.txt')} download="earlier.checkpoint">
            Download checkpoint
          </a>
        </>
      }
    >
      {isHalted && (
        <p>
          <Badge tone="bad">Halted</Badge> Nothing more is signed for this log. <code>tooken doctor</code> says why.
        </p>
      )}
      {checkpoint !== undefined && (
        <Facts
          facts={[
            ['Log', <code>{checkpoint.origin}</code>],
            ['Signed', counted(checkpoint.size, 'event')],
            ['When', <SignedWhen visit={visit} at={checkpoint.createdAt} />],
            ['Root', <code>{checkpoint.root.toString('base64')}</code>],
            ['Cosigned by', <Cosigners standing={standing} />],
          ]}
        />
      )}
      <h3>Verifier key</h3>
      <Copyable label="verifier key" text={head.key} block />
      <h3>Checkpoint</h3>
      <Copyable label="checkpoint" text={head.checkpoint} block />
      <p class="muted">
        Keep both where whoever runs this service cannot reach them: the key once, a checkpoint now and then.
      </p>
    </Card>
  );
}
