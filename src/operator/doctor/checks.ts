import { examineCheckpointFiles, examineCheckpoints } from './checks-checkpoints.ts';
import {
  examineCharacters,
  examineClock,
  examineConnections,
  examineDatabase,
  examineDurability,
  examineMigrations,
  examinePrimary,
} from './checks-database.ts';
import {
  examineConfiguration,
  examineDisk,
  examineKeyFile,
  examineMail,
  examineMetricsPort,
  examineProxies,
  examinePublicUrl,
  examineSecrets,
  examineServicePort,
  examineVariables,
  examineVersion,
  examineWorkers,
} from './checks-environment.ts';
import {
  examineAppendOnly,
  examineAuditLog,
  examineInvalidations,
  examineLeases,
  examineMasterKey,
  examineNameSearch,
  examineReplicas,
  examineRights,
  examineRole,
  examineTriggers,
} from './checks-installation.ts';
import { examineOwners } from './checks-people.ts';
import { examineWitnesses } from './checks-witnesses.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

/** Judges one thing by what was seen; undefined when that was not to be seen. Pure. */
export interface Check {
  readonly name: string;
  examine(facts: Facts): Finding | undefined;
}

/** All that the doctor checks, in the order in which somebody would mend it. */
export const CHECKS: readonly Check[] = [
  { name: 'version', examine: examineVersion },
  { name: 'configuration', examine: examineConfiguration },
  { name: 'secrets', examine: examineSecrets },
  { name: 'unknown variables', examine: examineVariables },
  { name: 'public URL', examine: examinePublicUrl },
  { name: 'proxies', examine: examineProxies },
  { name: 'workers', examine: examineWorkers },
  { name: 'port', examine: examineServicePort },
  { name: 'metrics port', examine: examineMetricsPort },
  { name: 'mail', examine: examineMail },
  { name: 'disk', examine: examineDisk },
  { name: 'master key file', examine: examineKeyFile },
  { name: 'database', examine: examineDatabase },
  { name: 'primary', examine: examinePrimary },
  { name: 'characters', examine: examineCharacters },
  { name: 'durability', examine: examineDurability },
  { name: 'connections', examine: examineConnections },
  { name: 'clock', examine: examineClock },
  { name: 'migrations', examine: examineMigrations },
  { name: 'role', examine: examineRole },
  { name: 'rights', examine: examineRights },
  { name: 'append-only records', examine: examineAppendOnly },
  { name: 'triggers', examine: examineTriggers },
  { name: 'name search', examine: examineNameSearch },
  { name: 'master key', examine: examineMasterKey },
  { name: 'owners', examine: examineOwners },
  { name: 'replicas', examine: examineReplicas },
  { name: 'leases', examine: examineLeases },
  { name: 'invalidations', examine: examineInvalidations },
  { name: 'audit log', examine: examineAuditLog },
  { name: 'checkpoints', examine: examineCheckpoints },
  { name: 'checkpoint files', examine: examineCheckpointFiles },
  { name: 'witnesses', examine: examineWitnesses },
];
