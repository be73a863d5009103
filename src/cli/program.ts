import { Command } from 'commander';
import { registerAudit } from './audit.ts';
import { registerDoctor } from './doctor.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { registerKeys } from './keys.ts';
import { registerMembers } from './members.ts';
import { complain } from './output.ts';
import { registerService } from './service.ts';
import { registerSettings } from './settings.ts';
import { registerWorkspaces } from './workspaces.ts';

/** The command line of `tooken`. Parsing throws a `CommanderError` instead of ending the process. */
export function createProgram(version: string): Command {
  const program = new Command('tooken')
    .description('A self-hosted service that issues credentials: API keys and scoped tokens.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print help, also for each command')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      outputError: (text) =>
        complain(
          text
            .trim()
            .replace(/^error: /, '')
            .replace(/\s+/g, ' '),
        ),
    })
    .addHelpText('after', `\nExit status:\n${formatExitCodes()}`);
  registerService(program);
  registerDoctor(program);
  registerWorkspaces(program);
  registerKeys(program);
  registerMembers(program);
  registerSettings(program);
  registerAudit(program);
  return program;
}

function formatExitCodes(): string {
  return Object.values(EXIT_CODES)
    .map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`)
    .join('\n');
}
