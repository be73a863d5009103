import { type Command, Option } from 'commander';

/** A command that does something, with what all of them have: `--json`, an example, and what it needs. */
export function defineCommand(
  parent: Command,
  usage: string,
  about: { readonly description: string; readonly example: string; readonly needs: string },
): Command {
  return parent
    .command(usage)
    .description(about.description)
    .option('--json', 'print one JSON document on stdout')
    .addHelpText('after', `\nNeeds: ${about.needs}\n\nExample:\n  $ ${about.example}`);
}

/** A command that only has commands below it. */
export function defineGroup(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).helpCommand(false);
}

export function withWorkspace(command: Command): Command {
  return command.option('--workspace <name|id>', 'the workspace (default: the only one)');
}

export function environmentOption(): Option {
  return new Option('--environment <environment>', 'live or test').choices(['live', 'test']);
}

export const NEEDS_DATABASE =
  'access to the database. DATABASE_URL and TOOKEN_MASTER_KEY (or TOOKEN_MASTER_KEY_FILE); without\n' +
  '  DATABASE_URL the embedded database under TOOKEN_DATA_DIR (default ./data), running or not.';
