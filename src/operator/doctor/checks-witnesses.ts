import type { Facts, WitnessFacts } from './facts.ts';
import { count, type Finding, formatDuration, ok, valueIn, warning } from './finding.ts';

export function examineWitnesses({ config, database }: Facts): Finding | undefined {
  const [known, contents] = [valueIn(config), valueIn(database)?.contents];
  if (known === undefined || contents === undefined) return undefined;
  if (known.witnesses.length === 0) return ok('None: TOOKEN_WITNESSES is not set.');
  const found = contents.witnesses.map(describe).join(' ');
  if (contents.witnesses.every(({ behind }) => behind === 0)) return ok(found);
  return warning(
    found,
    `The log of the service says why, as audit.witness_failed. A witness has to be told the verifier key of each log: ${known.publicUrl}/logs/<workspace>/key.`,
  );
}

function describe({ name, logs, behind, sinceCosignedMs }: WitnessFacts): string {
  if (logs === 0) return `${name} has nothing to cosign yet.`;
  const last =
    sinceCosignedMs === null ? 'has cosigned nothing' : `last cosigned ${formatDuration(sinceCosignedMs)} ago`;
  return behind === 0 ? `${name} ${last}.` : `${name} ${last}, and is behind with ${behind} of ${count(logs, 'log')}.`;
}
