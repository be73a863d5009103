import type { Config } from '../../config/config.ts';
import type { MigrationState } from '../../db/migrate.ts';
import type { DeliveryFailure } from '../../mail/delivery.ts';
import type { DatabaseReadings } from '../../telemetry/metrics-readings.ts';
import type { Seen } from './finding.ts';

/** All that the doctor has looked at; checks.ts judges it. Nothing in here is a secret. */
export interface Facts {
  readonly program: { readonly version: string; readonly node: string; readonly cores: number };
  readonly config: Seen<Config>;
  /** Of the variables that hold secrets. */
  readonly secrets: Seen<SecretFacts>;
  readonly unknownVariables: readonly string[];
  /** Undefined where nobody could know which one is meant. */
  readonly masterKey: MasterKeyFacts | undefined;
  /** Of the file system of the embedded database; undefined without one. */
  readonly disk: DiskFacts | undefined;
  readonly checkpointFiles: CheckpointFileFacts | undefined;
  /** Undefined where the port is chosen by the system, or there is none. */
  readonly servicePort: PortFacts | undefined;
  readonly metricsPort: PortFacts | undefined;
  /** Undefined without a mail server. */
  readonly mail: MailFacts | undefined;
  readonly database: Seen<DatabaseFacts> | undefined;
}

export interface SecretFacts {
  readonly isEmbedded: boolean;
  readonly hasMigrationUrl: boolean;
}

export interface MasterKeyFacts {
  /** Where the key comes from: a variable, or a file. */
  readonly source: string;
  readonly file: KeyFileFacts | undefined;
  /** Undefined when there is no key yet. */
  readonly fingerprint: Seen<string> | undefined;
}

export interface KeyFileFacts {
  readonly path: string;
  /** The permission bits. */
  readonly mode: number;
}

export interface DiskFacts {
  readonly path: string;
  readonly freeBytes: number;
}

/** Where the last checkpoint of each log is kept, or would be once there is one. */
export interface CheckpointFileFacts {
  readonly path: string;
  readonly isWritable: boolean;
}

export interface MailFacts {
  /** Host and port. */
  readonly server: string;
  /** Why it takes no mail from here; undefined if it does. */
  readonly failure: DeliveryFailure | undefined;
}

export interface PortFacts {
  readonly url: string;
  readonly state:
    | { readonly kind: 'free' }
    /** Tooken; with the reason if it is not ready. */
    | { readonly kind: 'ours'; readonly unready?: string }
    | { readonly kind: 'other' };
}

export interface DatabaseFacts {
  readonly server: ServerFacts;
  readonly role: RoleFacts;
  readonly migrations: MigrationState;
  /** How far the clock of this machine is ahead of the database's. */
  readonly clockAheadMs: number;
  /** Undefined unless the database is of this version. */
  readonly contents: ContentFacts | undefined;
}

export interface ServerFacts {
  readonly version: string;
  readonly versionNumber: number;
  readonly encoding: string;
  readonly isReadOnly: boolean;
  /** Those of the settings that durability hangs on which are off. */
  readonly settingsOff: readonly string[];
  /** Of one statement, there and back. */
  readonly latencyMs: number;
  readonly connections: ConnectionFacts;
}

export interface ConnectionFacts {
  /** How many the server has for a role like this one. */
  readonly limit: number;
  readonly used: number;
  /** Those of them that are Tooken's. */
  readonly own: number;
}

export interface RoleFacts {
  readonly name: string;
  readonly isSuperuser: boolean;
  /** It may change the tables themselves, so privileges on them do not bind it. */
  readonly isOwner: boolean;
}

export interface ContentFacts {
  /** What the role may do to the audit log's records and must not: `DELETE on audit_events`. */
  readonly excessRights: readonly string[];
  /** What it has to do and may not. */
  readonly missingRights: readonly string[];
  /** Triggers that are gone, or switched off. */
  readonly missingTriggers: readonly string[];
  readonly hasNameIndex: boolean;
  /** Undefined before the first start. */
  readonly fingerprint: string | undefined;
  readonly people: PeopleFacts;
  readonly replicas: readonly ReplicaFacts[];
  readonly vitals: DatabaseReadings;
  /** Age of the oldest invalidation that is kept; 0 without any. */
  readonly oldestInvalidationMs: number;
  /** The first of the logs for which nothing more is signed. */
  readonly haltedLogs: readonly HaltedLogFacts[];
  /** One for each witness of the configuration. */
  readonly witnesses: readonly WitnessFacts[];
}

export interface PeopleFacts {
  readonly workspaces: number;
  /** Owners who have joined and have a password, in whatever workspace. */
  readonly owners: number;
}

export interface WitnessFacts {
  readonly name: string;
  /** How many audit logs have a checkpoint, */
  readonly logs: number;
  /** and of how many the latest is some minutes old and not cosigned. */
  readonly behind: number;
  /** Since it last cosigned one of the latest checkpoints; null if it has not. */
  readonly sinceCosignedMs: number | null;
}

export interface HaltedLogFacts {
  /** A workspace's id, or `installation`. */
  readonly log: string;
  readonly reason: string;
}

export interface ReplicaFacts {
  /** Host name and process id, as it has written it. */
  readonly address: string;
  readonly leaseMs: number;
  readonly ageMs: number;
  readonly sinceRenewalMs: number;
}
