import type { EventId, WorkspaceId } from '../../lib/ids.ts';
import type { Random } from '../../lib/random.ts';
import { canonicalText } from '../core/canonical.ts';
import { commitmentOf } from '../core/commitment.ts';
import { sha256 } from '../hashing.ts';
import { AUDIT_ACTIONS, type AuditAction, type Operation } from './catalogue.ts';
import { checkId, cleanText, type JsonValue } from './clean.ts';
import type { Actor, Change, NewEvent, Target } from './event.ts';
import { personalParts, valuesOf } from './personal.ts';

/**
 * The leaf of an event: what the log commits to, in RFC 8785 canonical JSON, and the personal data that it only commits
 * to. For each subject (the actor, each target, the source) the leaf holds
 *
 *     commitment = hex(SHA-256(32 random bytes of salt ‖ canonical JSON of the payload))
 *
 * and the salt and the payload stay beside it, so that they can be erased while every proof over the leaf stays valid.
 */
export interface Leaf {
  readonly id: EventId;
  readonly schema_version: 1;
  readonly workspace: WorkspaceId | null;
  readonly environment: 'live' | 'test' | null;
  readonly action: AuditAction;
  readonly operation: Operation;
  readonly outcome: NewEvent['outcome'];
  readonly reason: string | null;
  readonly occurred_at: string;
  readonly actor: LeafSubject<Actor>;
  readonly targets: readonly LeafSubject<Target>[];
  readonly request: { readonly id: string; readonly method: string; readonly route: string } | null;
  readonly source: { readonly commitment: string } | null;
  readonly changes: readonly LeafChange[];
  readonly count: number;
  readonly first_at: string | null;
  readonly last_at: string | null;
  /** Only where single introspections were recorded. `root` is in hex; the commitments are those of their addresses. */
  readonly introspections?: {
    readonly count: number;
    readonly root: string;
    readonly addresses: readonly string[];
  };
}

interface LeafSubject<Subject extends Actor | Target> {
  readonly type: Subject['type'];
  readonly id: Subject['id'];
  /** Null when nothing personal was known of it. */
  readonly commitment: string | null;
}

/** A change says its values, or that they are personal and in the payload of the first target. */
export type LeafChange =
  | { readonly field: string; readonly old: JsonValue; readonly new: JsonValue }
  | { readonly field: string; readonly is_personal: true };

/** Opens one commitment of a leaf. `slot` is `actor`, `source`, `target/<n>` or `address/<n>`. */
export interface PrivatePart {
  readonly slot: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly salt: Buffer;
  readonly payload: Buffer;
}

export interface SealedEvent {
  readonly leaf: Buffer;
  readonly privateParts: readonly PrivatePart[];
}

/** The entry of a tile carries its length in 16 bits. */
export const MAX_LEAF_BYTES = 65_535;
const SALT_BYTES = 32;

/** Throws for an event no caller should make: one too large, or with an id that is none. */
export function sealEvent(event: NewEvent, id: EventId, occurredAt: Date, random: Random): SealedEvent {
  const parts = personalParts(event);
  const privateParts = parts.map((part) => ({
    ...part,
    salt: random.bytes(SALT_BYTES),
    payload: canonicalBytes(part.payload),
  }));
  const commitments = new Map(privateParts.map((part) => [part.slot, commitmentOf(sha256, part.salt, part.payload)]));
  const leaf = canonicalBytes(leafOf(event, id, occurredAt, (slot) => commitments.get(slot) ?? null));
  if (leaf.byteLength > MAX_LEAF_BYTES) throw new RangeError(`an event of ${leaf.byteLength} bytes: ${event.action}`);
  return { leaf, privateParts };
}

function leafOf(event: NewEvent, id: EventId, occurredAt: Date, commitment: (slot: string) => string | null): Leaf {
  const { actor, request, aggregate, introspections } = event;
  const source = commitment('source');
  return {
    id,
    schema_version: 1,
    workspace: event.workspaceId,
    environment: event.environment,
    action: event.action,
    operation: AUDIT_ACTIONS[event.action].operation,
    outcome: event.outcome,
    reason: event.reason === undefined ? null : cleanText(event.reason),
    occurred_at: occurredAt.toISOString(),
    actor: { type: actor.type, id: actor.id === null ? null : checkId(actor.id), commitment: commitment('actor') },
    targets: event.targets.map((target, n) => ({
      type: target.type,
      id: checkId(target.id),
      commitment: commitment(`target/${n}`),
    })),
    request: request && { id: checkId(request.id), method: cleanText(request.method), route: cleanText(request.route) },
    source: source === null ? null : { commitment: source },
    changes: (event.changes ?? []).map(leafChange),
    count: aggregate?.count ?? 1,
    first_at: aggregate?.firstAt.toISOString() ?? null,
    last_at: aggregate?.lastAt.toISOString() ?? null,
    ...(introspections && {
      introspections: {
        count: aggregate?.count ?? 1,
        root: introspections.root,
        addresses: introspections.addresses.map((_, n) => commitment(`address/${n}`) ?? ''),
      },
    }),
  };
}

function leafChange(change: Change): LeafChange {
  if (change.isPersonal === true) return { field: cleanText(change.field), is_personal: true };
  return valuesOf(change);
}

function canonicalBytes(value: object): Buffer {
  return Buffer.from(canonicalText(value), 'utf8');
}
