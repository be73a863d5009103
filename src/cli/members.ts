import { Argument, type Command, Option } from 'commander';
import { createMember, inviteMember, listMembers, removeMember, resetMember, setAccess } from '../operator/members.ts';
import type { MemberView } from '../operator/views.ts';
import { defineCommand, defineGroup, NEEDS_DATABASE, withWorkspace } from './command.ts';
import { askByTyping } from './confirm.ts';
import { formatMembers, showLink, showMember } from './member-presentation.ts';
import { type CommandOptions, performWithSession } from './perform.ts';

const ACCESS = ['owner', 'admin', 'member', 'auditor'] as const;
type Access = (typeof ACCESS)[number];
const STATUSES = ['invited', 'active', 'removed'] as const;

interface MemberOptions extends CommandOptions {
  readonly workspace?: string;
}

export function registerMembers(program: Command): void {
  const members = defineGroup(program, 'members', 'members: invite, list, help and remove them');
  registerList(members);
  registerInvite(members);
  registerCreate(members);
  registerReset(members);
  registerSetAccess(members);
  registerRemove(members);
}

function registerList(members: Command): void {
  const command = defineCommand(members, 'list', {
    description:
      'List the members of a workspace, newest first. Removed ones are left out unless --status asks for them.',
    summary: 'List the members of a workspace.',
    example: 'tooken members list --access owner',
    needs: NEEDS_DATABASE,
  });
  withWorkspace(command)
    .addOption(new Option('--access <access>', 'only those of this access').choices(ACCESS))
    .addOption(new Option('--status <status>', 'only those of this status').choices(STATUSES))
    .action((options: MemberOptions & { readonly access?: Access; readonly status?: (typeof STATUSES)[number] }) => {
      const { json: _, ...filters } = options;
      return performWithSession(options, { route: 'members list' }, (session) => listMembers(session, filters), {
        json: (data) => ({ data }),
        text: formatMembers,
      });
    });
}

const NEEDS_URL = `${NEEDS_DATABASE}\nTOOKEN_PUBLIC_URL as the service has it: links begin with it. With SMTP_URL a mail is sent, too.`;

function registerInvite(members: Command): void {
  const command = defineCommand(members, 'invite <email>', {
    description:
      'Invite somebody. The link by which that person joins goes to stdout, this once; it works once, for 72 hours. An ' +
      'installation without an owner gets one this way.',
    summary: 'Invite somebody by a link.',
    example: 'tooken members invite ada@example.com --access owner',
    needs: NEEDS_URL,
  });
  withWorkspace(command)
    .addOption(
      new Option('--access <access>', 'what the member may do in Tooken').choices(ACCESS).makeOptionMandatory(),
    )
    .option('--name <name>', 'what to call the member (default: what is before the @)')
    .action((email: string, options: MemberOptions & { readonly access: Access; readonly name?: string }) => {
      const { json: _, ...rest } = options;
      return performWithSession(
        options,
        { route: 'members invite' },
        (session) => inviteMember(session, { email, ...rest }),
        showLink('Invited', 'give it to that person alone'),
      );
    });
}

function registerCreate(members: Command): void {
  const command = defineCommand(members, 'create <name>', {
    description: 'Make a member that cannot sign in: the account of an integration, which owns tokens. Prints its id.',
    summary: 'Make an account that cannot sign in.',
    example: 'tooken members create "billing sync"',
    needs: NEEDS_DATABASE,
  });
  withWorkspace(command).action((name: string, { workspace, ...options }: MemberOptions) =>
    performWithSession(
      options,
      { route: 'members create' },
      (session) => createMember(session, { name, workspace }),
      showMember('Created'),
    ),
  );
}

function registerReset(members: Command): void {
  const command = defineCommand(members, 'reset <email|id>', {
    description:
      'Help a member who is locked out, owners too: a link to set a new password goes to stdout, this once; it works once, ' +
      'for 72 hours. Who has not joined yet joins by it.',
    summary: 'Help a member who is locked out.',
    example: 'tooken members reset ada@example.com',
    needs: NEEDS_URL,
  });
  withWorkspace(command)
    .option('--totp', 'also turn the second factor off, which ends all sessions of the member')
    .action((who: string, { workspace, totp = false, ...options }: MemberOptions & { readonly totp?: boolean }) =>
      performWithSession(
        options,
        { route: 'members reset' },
        (session) => resetMember(session, { who, workspace, withoutTotp: totp }),
        showLink('Made a link for', 'give it to that person alone'),
      ),
    );
}

function registerSetAccess(members: Command): void {
  const command = defineCommand(members, 'set-access <email|id>', {
    description: 'Change what a member may do in Tooken. When this has ended it holds everywhere.',
    summary: 'Change what a member may do.',
    example: 'tooken members set-access ada@example.com admin',
    needs: NEEDS_DATABASE,
  });
  withWorkspace(command)
    .addArgument(new Argument('<access>', 'what the member may do').choices(ACCESS))
    .action((who: string, access: Access, { workspace, ...options }: MemberOptions) =>
      performWithSession(
        options,
        { route: 'members set-access' },
        (session) => setAccess(session, { who, workspace, access }),
        showMember('Changed'),
      ),
    );
}

function registerRemove(members: Command): void {
  const command = defineCommand(members, 'remove <email|id>', {
    description:
      'Remove a member. Its sessions and the tokens it owns are dead when this has ended; the tokens can be reassigned.',
    summary: 'Remove a member, with its tokens.',
    example: 'tooken members remove ada@example.com --yes',
    needs: `${NEEDS_DATABASE}\nEither --yes or a terminal, on which it asks for the name of the member.`,
  });
  withWorkspace(command)
    .option('--yes', 'do not ask')
    .action((who: string, { workspace, yes, ...options }: MemberOptions & { readonly yes?: boolean }) => {
      const ask = yes === true ? undefined : askByTyping('remove this member');
      return performWithSession(
        options,
        { route: 'members remove' },
        (session, signal) => {
          const confirm = async ({ name }: MemberView) => ask?.(name, signal);
          return removeMember(session, { who, workspace, confirm });
        },
        showMember('Removed'),
      );
    });
}
