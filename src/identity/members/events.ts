import type { AuditAction } from '../../audit/events/catalogue.ts';
import type { Actor, Change, NewEvent, RequestOrigin } from '../../audit/events/event.ts';
import { actorOf, type Caller } from '../principal.ts';
import { type Member, targetOf } from './member.ts';

type MemberAction = Extract<AuditAction, `member.${string}`>;

/** What a caller did to a member. */
export function memberEvent(
  action: MemberAction,
  { principal, request }: Caller,
  member: Member,
  changes: readonly Change[] = [],
): NewEvent {
  return eventOf(action, actorOf(principal), request, member, changes);
}

/** What a member did to itself, by a link or on the way to one. */
export function ownEvent(
  action: MemberAction,
  request: RequestOrigin,
  member: Member,
  changes: readonly Change[] = [],
): NewEvent {
  return eventOf(action, { type: 'member', id: member.id, name: member.name }, request, member, changes);
}

/** What the installation did by itself, or an operator. */
export function systemEvent(
  action: MemberAction,
  request: RequestOrigin | null,
  member: Member,
  changes: readonly Change[],
): NewEvent {
  return eventOf(action, { type: 'system', id: null, name: null }, request, member, changes);
}

function eventOf(
  action: MemberAction,
  actor: Actor,
  request: RequestOrigin | null,
  member: Member,
  changes: readonly Change[],
): NewEvent {
  return {
    workspaceId: member.workspaceId,
    environment: null,
    action,
    outcome: 'success',
    actor,
    targets: [targetOf(member)],
    request,
    changes,
  };
}

type Described = Pick<Member, 'name' | 'email' | 'access' | 'roles' | 'groups'>;

/** The fields in which two states of a member differ. */
export function changesBetween(before: Described, after: Described): Change[] {
  return fieldsOf(after)
    .map((field, index): Change => ({ ...field, old: fieldsOf(before)[index]?.value ?? null, new: field.value }))
    .filter((change) => JSON.stringify(change.old) !== JSON.stringify(change.new))
    .map(({ field, old, new: now, isPersonal }) => ({
      field,
      old,
      new: now,
      ...(isPersonal === true && { isPersonal }),
    }));
}

/** What a new member starts with, apart from its name. */
export function changesFromNothing(member: Member): Change[] {
  return fieldsOf(member)
    .filter(({ field, value }) => field !== 'name' && value !== null && (!Array.isArray(value) || value.length > 0))
    .map(({ field, value, isPersonal }) => ({ field, old: null, new: value, ...(isPersonal && { isPersonal }) }));
}

/** Everything of a member that ends with it; its name stays. */
export function changesToNothing(member: Member): Change[] {
  return changesFromNothing(member).map((change) => ({ ...change, old: change.new, new: null }));
}

function fieldsOf({ name, email, access, roles, groups }: Described) {
  return [
    { field: 'name', value: name, isPersonal: true },
    { field: 'email', value: email, isPersonal: true },
    { field: 'access', value: access, isPersonal: false },
    { field: 'roles', value: roles.map(({ id }) => id).sort(), isPersonal: false },
    { field: 'groups', value: groups.map(({ id }) => id).sort(), isPersonal: false },
  ];
}
