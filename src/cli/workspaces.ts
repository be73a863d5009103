import type { Command } from 'commander';
import type { WorkspaceView } from '../operator/views.ts';
import { listWorkspaces, startWorkspace } from '../operator/workspaces.ts';
import { defineCommand, defineGroup, NEEDS_DATABASE } from './command.ts';
import { tellOfOwner } from './member-presentation.ts';
import { type CommandOptions, performWithSession } from './perform.ts';
import { formatTable, formatTime } from './text.ts';

export function registerWorkspaces(program: Command): void {
  const workspaces = defineGroup(program, 'workspaces', 'workspaces: create and list them');
  defineCommand(workspaces, 'create <name>', {
    description:
      'Make a workspace, with nothing in it. Prints its id, and on stderr, or with --json in the document, a link by which its ' +
      'first owner chooses email and password.',
    example: 'tooken workspaces create acme && tooken keys create ci --workspace acme',
    needs: NEEDS_DATABASE,
  }).action((name: string, options: CommandOptions) =>
    performWithSession(options, { route: 'workspaces create' }, (session) => startWorkspace(session, name), {
      json: (started) => started,
      text: ({ workspace }) => `${workspace.id}\n`,
      notes: ({ workspace, owner }) => [`Created workspace "${workspace.name}".`, ...tellOfOwner(owner, options)],
    }),
  );
  defineCommand(workspaces, 'list', {
    description: 'List the workspaces, oldest first.',
    example: 'tooken workspaces list --json',
    needs: NEEDS_DATABASE,
  }).action((options: CommandOptions) =>
    performWithSession(options, { route: 'workspaces list' }, listWorkspaces, {
      json: (data) => ({ data }),
      text: formatWorkspaces,
    }),
  );
}

function formatWorkspaces(workspaces: readonly WorkspaceView[]): string {
  const rows = workspaces.map(({ id, name, token_prefix, created_at }) => [
    id,
    name,
    token_prefix,
    formatTime(created_at, '-'),
  ]);
  return formatTable(['ID', 'NAME', 'TOKEN PREFIX', 'CREATED'], rows);
}
