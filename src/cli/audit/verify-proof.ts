import type { Command } from 'commander';
import { type ProofVerdictView, verifyProof } from '../../operator/audit-verify-proof.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../exit-codes.ts';
import { type CommandOptions, type Presentation, perform } from '../perform.ts';
import { printable } from '../text.ts';

interface VerifyProofOptions extends CommandOptions {
  readonly key?: string;
  readonly witness?: string[];
}

export function registerVerifyProof(audit: Command): void {
  defineCommand(audit, 'verify-proof', {
    summary: 'Verify the proof of one event.',
    description:
      'Verify the proof of one event, as GET /v1/audit-log/<event>/proof answers it to Accept: text/plain, against a ' +
      'key that you trust, and print what the log holds of the event. Ends with 0 only if it holds, and with 1 if not.',
    example: 'tooken audit verify-proof event.tlog-proof --key "$(cat log.key)"',
    needs: 'nothing but the file: no network, no service, no database, no environment.',
  })
    .argument('<proof>', 'the file')
    .option('--key <verifier key>', 'of the log, as you noted it when you began to trust it')
    .option('--witness <verifier key>', 'of a witness that has to have cosigned; repeatable', collect)
    .action((path: string, { key, witness: witnesses = [], ...options }: VerifyProofOptions) => {
      if (key === undefined) {
        throw new UsageError(
          '--key is missing. A log has its key at <service>/logs/<workspace>/key; note it once, and keep it.',
        );
      }
      return perform(options, () => verifyProof({ path, key, witnesses }), presentation);
    });
}

const presentation: Presentation<ProofVerdictView> = {
  json: (verdict) => verdict,
  text: (verdict) =>
    factsOf(verdict)
      .map(([name, value]) => `${name.padEnd(12)}${printable(value)}\n`)
      .join(''),
  notes: ({ failure }) => (failure === null ? ['The event is in the log.'] : [failure.reason]),
  ending: ({ holds }) => (holds ? 'ok' : 'failure'),
};

function factsOf({ failure, leaf_index, leaf, checkpoint, cosignatures }: ProofVerdictView): [string, string][] {
  if (failure !== null || leaf === null || checkpoint === null) {
    return [['result', `does not hold: ${failure?.code}`]];
  }
  return [
    ['result', 'holds'],
    ['log', checkpoint.origin],
    ['checkpoint', `size ${checkpoint.size}, root ${checkpoint.root}`],
    ['leaf index', `${leaf_index}`],
    ['leaf', leaf],
    ...cosignatures.map(({ witness, cosigned_at }): [string, string] => ['witness', `${witness}, ${cosigned_at}`]),
  ];
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value];
