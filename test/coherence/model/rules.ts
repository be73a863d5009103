import * as protocol from '../../../src/coherence/protocol.ts';
import { isVisible, type Snapshot, type Xid } from '../../../src/coherence/snapshot.ts';
import type { Subject } from '../../../src/coherence/subject.ts';
import type { KnownRow, Row } from './postgres.ts';
import type { Finding } from './world.ts';

/** Everything that the protocol rests on, so that each of it can be switched off by itself. */
export interface Rules extends Decisions, Conditions, Orders {}

/** The running code's own functions. */
type Decisions = Pick<
  typeof protocol,
  | 'register'
  | 'beginRenewal'
  | 'apply'
  | 'settleRenewal'
  | 'beginLoad'
  | 'endLoad'
  | 'isLoadUsable'
  | 'staleSubjects'
  | 'confirmingId'
  | 'isLeaseValid'
  | 'isAwaited'
  | 'mayEvict'
>;

/** What statements and messages say; the running code says it in SQL (store.ts). */
interface Conditions {
  /** Whether a renewal from `last` reads the invalidation of `xid`, which is committed. */
  isNews(xid: Xid, last: Snapshot): boolean;
  /** Whether a row is there as it was left: what an acknowledgement, a leave and upkeep ask for. */
  isAsLeft(known: KnownRow, row: Row): boolean;
  /** Whether a member that may be evicted still is, when the statement is carried out. */
  isEvictable(row: Row, xid: Xid): boolean;
  /** Whether an invalidation that is committed may go. */
  isPurgeable(xid: Xid, rows: readonly Row[]): boolean;
  /** Whether a finding may be out of date once `subject` is. */
  concerns(finding: Finding, subject: Subject): boolean;
}

/** What comes before what, and when it is done at all. */
interface Orders {
  readonly appliesBeforeAcknowledging: boolean;
  readonly appliesBeforeConfirming: boolean;
  readonly leaseRunsFrom: 'before the read' | 'after the read' | 'the acknowledgement';
  readonly registrationLeaseRunsFrom: 'before it is sent' | 'its answer';
  readonly acknowledgesWhatItHasRead: boolean;
  readonly forgetsWhenEvicted: boolean;
  readonly registersUnderNewId: boolean;
  readonly givesUpLeaseBeforeLeaving: boolean;
  readonly loadsWithinOneStatement: boolean;
  readonly loadsAfterRegistration: boolean;
  readonly readsClocksAfterLastByte: boolean;
  readonly looksUpAfterLastByte: boolean;
  readonly looksUpAgainAfterLoad: boolean;
  readonly fencesRepeats: boolean;
  readonly tellsAfterCommit: boolean;
  readonly readsMembersAfterCommit: boolean;
  readonly waitsFromCommit: boolean;
  readonly countsOwnConfirmationsOnly: boolean;
}

export const RULES: Rules = {
  ...protocol,
  isNews: (xid, last) => !isVisible(xid, last),
  isAsLeft: ({ id, renewals }, row) => row.id === id && row.renewals === renewals,
  isEvictable: ({ acked }, xid) => !isVisible(xid, acked),
  isPurgeable: (xid, rows) => rows.every(({ acked }) => xid < acked.xmin),
  concerns: () => true,
  appliesBeforeAcknowledging: true,
  appliesBeforeConfirming: true,
  leaseRunsFrom: 'before the read',
  registrationLeaseRunsFrom: 'before it is sent',
  acknowledgesWhatItHasRead: true,
  forgetsWhenEvicted: true,
  registersUnderNewId: true,
  givesUpLeaseBeforeLeaving: true,
  loadsWithinOneStatement: true,
  loadsAfterRegistration: true,
  readsClocksAfterLastByte: true,
  looksUpAfterLastByte: true,
  looksUpAgainAfterLoad: true,
  fencesRepeats: true,
  tellsAfterCommit: true,
  readsMembersAfterCommit: true,
  waitsFromCommit: true,
  countsOwnConfirmationsOnly: true,
};
