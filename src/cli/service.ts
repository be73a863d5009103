import type { Command } from 'commander';
import { bootstrapOnce } from '../operator/bootstrap.ts';
import { migrateDatabase, processEnvironment } from '../operator/session.ts';
import { defineCommand, NEEDS_DATABASE, withUse } from './command.ts';
import { tellOfOwner } from './member-presentation.ts';
import { type CommandOptions, perform, performWithSession } from './perform.ts';

export function registerService(program: Command): void {
  const serving = program
    .command('serve')
    .description('Run the service until a signal ends it. Ends with 1 if it cannot start.')
    .action(async () => {
      const { runToExit, serve } = await import('../main.ts');
      await runToExit(serve(processEnvironment()));
    });
  withUse(serving, { needs: NEEDS_DATABASE, example: 'PORT=8080 tooken serve' });

  defineCommand(program, 'migrate', {
    description: 'Bring the database up to this version. The service does that itself if its role may.',
    example: 'MIGRATION_DATABASE_URL=postgres://owner:…@db/tooken tooken migrate',
    needs: `${NEEDS_DATABASE}\nMIGRATION_DATABASE_URL where the role of DATABASE_URL does not own the tables.`,
  }).action((options: CommandOptions) =>
    perform(options, migrateDatabase, {
      json: (result) => result,
      text: () => '',
      notes: ({ applied }) => [applied === 0 ? 'The database is up to date.' : `Migrations applied: ${applied}.`],
    }),
  );

  defineCommand(program, 'bootstrap', {
    description:
      'Set up an empty database: migrate it, make the workspace "default", its first API key, and a link by which its first ' +
      'owner chooses email and password. The value of the key goes to stdout, this once, and is kept nowhere; the link goes ' +
      'to stderr, or with --json into the document. Ends with 4 if there is a workspace already.',
    example: 'TOOKEN_API_KEY=$(tooken bootstrap)',
    needs: `${NEEDS_DATABASE}\nMIGRATION_DATABASE_URL where the role of DATABASE_URL does not own the tables.`,
  }).action((options: CommandOptions) =>
    performWithSession(options, { route: 'bootstrap', purpose: 'set_up' }, bootstrapOnce, {
      json: (first) => first,
      text: ({ secret }) => `${secret}\n`,
      notes: ({ workspace, api_key, owner }) => [
        `Created workspace "${workspace.name}" (${workspace.id}) and API key "${api_key.name}" (${api_key.id}).`,
        'This is the only time the value of the key is shown; keep it like a password.',
        ...tellOfOwner(owner, options),
      ],
      rescue: ({ api_key, owner }) =>
        `The value of ${api_key.id} is lost; \`tooken keys regenerate ${api_key.id}\` makes a new one, and ` +
        `\`tooken members reset ${owner.id}\` a new link for the owner.`,
    }),
  );
}
