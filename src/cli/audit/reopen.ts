import type { Command } from 'commander';
import { type ReopenedLogView, reopenAuditLog } from '../../operator/audit-reopen.ts';
import { defineCommand, NEEDS_DATABASE } from '../command.ts';
import { askByTyping } from '../confirm.ts';
import { type CommandOptions, performWithSession } from '../perform.ts';
import { printable } from '../text.ts';

export function registerReopen(audit: Command): void {
  defineCommand(audit, 'reopen <workspace>', {
    summary: 'Let a halted log begin anew.',
    description:
      'Let a halted log begin anew, under a new origin and with a new key. What was signed before stays as it is. ' +
      'The log is that of a workspace, by name or id, or the one called installation.',
    example: 'tooken audit reopen acme',
    needs:
      `${NEEDS_DATABASE}\nThe data directory of the service (TOOKEN_DATA_DIR), which has its last checkpoint.\n` +
      'Either --yes or a terminal, on which it asks for the name of the workspace.',
  })
    .option('--yes', 'do not ask')
    .action((workspace: string, options: CommandOptions & { readonly yes?: boolean }) => {
      const ask = options.yes === true ? undefined : askByTyping('reopen the audit log of this workspace');
      return performWithSession(
        options,
        { route: 'audit reopen' },
        (session, signal) => reopenAuditLog(session, { workspace, confirm: async (name) => ask?.(name, signal) }),
        {
          json: (log) => ({ audit_log: log }),
          text: ({ verifier_key: key }) => `${key}\n`,
          notes: describeReopened,
        },
      );
    });
}

function describeReopened({ halt_reason: reason, origin, previous_origin: previous, size }: ReopenedLogView): string[] {
  return [
    `It was halted: ${printable(reason)}`,
    `It signs as ${origin} from now on${previous === null ? '' : `, no longer as ${previous}`}; the first checkpoint covers ${size} events.`,
    'Give the verifier key above to whoever verifies this log. With `tooken audit verify --previous-key` and the key of ' +
      'before they see what their last checkpoints still say of it.',
  ];
}
