import { type Command, Option } from 'commander';

interface CommandUse {
  /** What it needs, a line for each thing. Lines are as long as they like: help wraps them. */
  readonly needs: string;
  readonly example: string;
}

interface CommandAbout extends CommandUse {
  /** In one paragraph. */
  readonly description: string;
  /** In the list of its group; the description unless given. */
  readonly summary?: string;
}

/** A command that does something, with what all of them have: `--json`, an example, and what it needs. */
export function defineCommand(parent: Command, usage: string, about: CommandAbout): Command {
  const command = parent
    .command(usage)
    .description(about.description)
    .summary(about.summary ?? '')
    .option('--json', 'print one JSON document on stdout');
  return withUse(command, about);
}

/** Ends the help of a command with what it needs, and an example. */
export function withUse(command: Command, { needs, example }: CommandUse): Command {
  return command.addHelpText('after', () => `\nNeeds: ${wrapNeeds(command, needs)}\n\nExample:\n  $ ${example}`);
}

const INDENT = '  ';

function wrapNeeds(command: Command, needs: string): string {
  const helper = command.createHelp();
  // As commander has it: undefined if help does not go to a terminal.
  const width = command.configureOutput().getOutHelpWidth?.() ?? 80;
  const lines = `Needs: ${needs}`.split('\n').map((line) => helper.boxWrap(line, width - INDENT.length));
  return lines.join('\n').replaceAll('\n', `\n${INDENT}`).slice('Needs: '.length);
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
  'access to the database. DATABASE_URL and TOOKEN_MASTER_KEY (or TOOKEN_MASTER_KEY_FILE); without ' +
  'DATABASE_URL the embedded database under TOOKEN_DATA_DIR (default ./data), running or not.';
