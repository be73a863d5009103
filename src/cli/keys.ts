import { type Command, Option } from 'commander';
import { createKey, deleteKey, listKeys, regenerateKey } from '../operator/keys.ts';
import type { ApiKeyView } from '../operator/views.ts';
import { defineCommand, defineGroup, environmentOption, NEEDS_DATABASE, withWorkspace } from './command.ts';
import { askByTyping } from './confirm.ts';
import { formatKeys, presentDeleted, showSecret } from './key-presentation.ts';
import { type CommandOptions, performWithSession } from './perform.ts';

interface KeyOptions extends CommandOptions {
  readonly workspace?: string;
}

export function registerKeys(program: Command): void {
  const keys = defineGroup(program, 'keys', 'API keys: create, list, regenerate and delete them');
  registerCreate(keys);
  registerList(keys);
  registerRegenerate(keys);
  registerDelete(keys);
}

function registerCreate(keys: Command): void {
  const command = defineCommand(keys, 'create <name>', {
    description: 'Make an API key. Its value goes to stdout, this once, and is kept nowhere.',
    example: 'tooken keys create ci --expires-in 90d --allowed-cidr 192.0.2.0/24',
    needs: NEEDS_DATABASE,
  });
  withWorkspace(command)
    .addOption(environmentOption().default('live'))
    .option('--expires-in <duration>', 'end after this time: 90d, 12h, 1d12h')
    .addOption(new Option('--expires-at <time>', 'end at this time: 2027-01-31T12:00:00Z').conflicts('expiresIn'))
    .option('--allowed-cidr <cidr>', 'address or CIDR block it may be used from (default: any); repeatable', collect)
    .action((name: string, options: KeyOptions & CreateOptions) => {
      const { workspace, environment, expiresIn, expiresAt, allowedCidr } = options;
      const creation = { name, workspace, environment, expiresIn, expiresAt, allowedCidrs: allowedCidr };
      return performWithSession(
        options,
        { route: 'keys create' },
        (session) => createKey(session, creation),
        showSecret('Created'),
      );
    });
}

interface CreateOptions {
  readonly environment: 'live' | 'test';
  readonly expiresIn?: string;
  readonly expiresAt?: string;
  readonly allowedCidr?: string[];
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

function registerList(keys: Command): void {
  const command = defineCommand(keys, 'list', {
    description: 'List the API keys of a workspace, newest first.',
    example: 'tooken keys list --environment live',
    needs: NEEDS_DATABASE,
  });
  withWorkspace(command)
    .addOption(environmentOption())
    .action((options: KeyOptions & { readonly environment?: 'live' | 'test' }) =>
      performWithSession(options, { route: 'keys list' }, (session) => listKeys(session, options), {
        json: (data) => ({ data }),
        text: formatKeys,
      }),
    );
}

function registerRegenerate(keys: Command): void {
  const command = defineCommand(keys, 'regenerate <id>', {
    description: 'Give an API key a new value, which goes to stdout this once. The old value is dead at once.',
    example: 'tooken keys regenerate key_01kav3c4r8e0jbwn7sgm5zkqd2',
    needs: NEEDS_DATABASE,
  });
  withWorkspace(command).action((id: string, options: KeyOptions) =>
    performWithSession(
      options,
      { route: 'keys regenerate' },
      (session) => regenerateKey(session, { id, workspace: options.workspace }),
      showSecret('Regenerated'),
    ),
  );
}

function registerDelete(keys: Command): void {
  const command = defineCommand(keys, 'delete <id>', {
    description: 'Delete an API key. It is dead at once; the tokens it issued live on.',
    example: 'tooken keys delete key_01kav3c4r8e0jbwn7sgm5zkqd2 --yes',
    needs: `${NEEDS_DATABASE}\nEither --yes or a terminal, on which it asks for the name of the key.`,
  });
  withWorkspace(command)
    .option('--yes', 'do not ask')
    .action((id: string, options: KeyOptions & { readonly yes?: boolean }) => {
      const ask = options.yes === true ? undefined : askByTyping('delete this API key');
      return performWithSession(
        options,
        { route: 'keys delete' },
        (session, signal) => {
          const confirm = async ({ name }: ApiKeyView) => ask?.(name, signal);
          return deleteKey(session, { id, workspace: options.workspace, confirm });
        },
        presentDeleted,
      );
    });
}
