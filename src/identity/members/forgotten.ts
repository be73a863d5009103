import { append } from '../../audit/events/append.ts';
import type { RequestOrigin } from '../../audit/events/event.ts';
import { type Database, inTransaction } from '../../db/connection.ts';
import { normalizeEmail } from '../../lib/email.ts';
import type { WorkspaceId } from '../../lib/ids.ts';
import type { Mailer } from '../../mail/mailer.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { createLink, type LinkDeps } from '../links/links.ts';
import { selectOpenLink } from '../links/store.ts';
import { resolveWorkspace } from '../sign-in/workspace.ts';
import { ownEvent } from './events.ts';
import type { Member } from './member.ts';
import { mailResetLink } from './notices.ts';
import { lockMember, selectMemberByEmail, selectWorkspaceName } from './store.ts';

/** Takes what is said by who has forgotten a password. */
export interface ForgottenPasswords {
  /**
   * Returns once it is clear which workspace is meant. Whether anybody has the address is looked up later, so that no answer
   * and no time tells.
   *
   * @throws ServiceError `validation_failed` if there are several workspaces and none is named, whoever asks
   */
  take(forgotten: Forgotten, request: RequestOrigin): Promise<void>;
  /** Finishes what is under way; what still waits is dropped. */
  stop(): Promise<void>;
}

export interface Forgotten {
  readonly email: string;
  /** Id or name; needed where the installation has several. */
  readonly workspace?: string | undefined;
}

interface ForgottenDeps extends LinkDeps {
  readonly db: Database;
  readonly logger: Logger;
  readonly mailer: Pick<Mailer, 'isConfigured' | 'send'>;
}

/** Nobody gets more mails of this kind than one in so long, whoever asks for them. */
const PAUSE_MS = 10 * 60 * 1000;

/** More than a mail server takes in a while. What comes on top is forgotten: people ask again. */
const MAX_WAITING = 1_000;

export function createForgottenPasswords(deps: ForgottenDeps): ForgottenPasswords {
  const { db, logger, mailer } = deps;
  let waiting = 0;
  let isStopped = false;
  // One after the other: a flood of requests keeps one connection busy, not all.
  let last: Promise<void> = Promise.resolve();

  function enqueue(work: () => Promise<void>): void {
    if (waiting >= MAX_WAITING) {
      drop();
      return;
    }
    waiting += 1;
    last = last
      .then(() => (isStopped ? drop() : work()))
      .catch((err: unknown) => logger.log('error', 'password.forgotten_failed', { err }))
      .finally(() => {
        waiting -= 1;
      });
  }

  function drop(): void {
    logger.log('warn', 'password.forgotten_dropped');
  }

  return {
    async take({ email, workspace }, request) {
      const workspaceId = await resolveWorkspace(db, workspace);
      if (workspaceId === undefined || !mailer.isConfigured) return;
      enqueue(() => sendLink(deps, { workspaceId, email: normalizeEmail(email), request }));
    },
    async stop() {
      isStopped = true;
      await last;
    },
  };
}

interface Order {
  readonly workspaceId: WorkspaceId;
  readonly email: string;
  readonly request: RequestOrigin;
}

async function sendLink(deps: ForgottenDeps, { workspaceId, email, request }: Order): Promise<void> {
  const made = await inTransaction(deps.db, async (tx) => {
    const found = await selectMemberByEmail(tx, workspaceId, email);
    const member = found && (await lockMember(tx, workspaceId, found.id));
    if (member === undefined || !mayReset(member, email)) return undefined;
    const now = deps.clock.now();
    const previous = await selectOpenLink(tx, member.id, now);
    // Anybody can ask for this. What somebody else has made for the member stays good, and so does what was just sent.
    if (previous !== undefined && previous.createdBy !== member.id) return undefined;
    if (previous !== undefined && now.getTime() - previous.createdAt.getTime() < PAUSE_MS) return undefined;
    const workspaceName = await selectWorkspaceName(tx, workspaceId);
    const link = await createLink(tx, deps, { memberId: member.id, kind: 'reset', createdBy: member.id });
    await append(tx, deps, [anonymously(member, request)]);
    return { member, link, workspaceName };
  });
  if (made !== undefined) mailResetLink(deps, made);
}

/** By then it may have been removed, or have another address. */
function mayReset(member: Member, email: string): boolean {
  return member.status === 'active' && member.canSignIn && member.email === email;
}

/** Whoever asked has not shown to be the member. */
function anonymously(member: Member, request: RequestOrigin) {
  return { ...ownEvent('member.password_forgotten', request, member), actor: ANYBODY };
}

const ANYBODY = { type: 'anonymous', id: null, name: null } as const;
