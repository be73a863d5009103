import { type MetricValues, readFamilies } from './metrics-family.ts';
import { observeProcess } from './metrics-process.ts';
import type { DatabaseReadings, ProcessReadings } from './metrics-readings.ts';
import {
  BUILD_FAMILIES,
  CREW_FAMILIES,
  type CrewReadings,
  DATABASE_FAMILIES,
  PROCESS_FAMILIES,
} from './metrics-table.ts';

/** The metrics of one process, each time it is called. */
export type MetricsGatherer = () => Promise<readonly MetricValues[]>;

/** Of a process that answers requests, as `worker` of its service. Observes the process from now on. */
export function gatherProcess(worker: string, read: () => ProcessReadings): MetricsGatherer {
  const observe = observeProcess(worker);
  return async () => [...readFamilies(PROCESS_FAMILIES, read(), worker), ...(await observe())];
}

export function gatherCrew(readings: CrewReadings): readonly MetricValues[] {
  return readFamilies(CREW_FAMILIES, readings, '');
}

/** What does not differ from process to process. */
export function gatherInstallation(
  version: string,
  read: () => Promise<DatabaseReadings | undefined>,
): MetricsGatherer {
  return async () => [
    ...readFamilies(BUILD_FAMILIES, { version, node: process.version }, ''),
    ...readFamilies(DATABASE_FAMILIES, await read(), ''),
  ];
}
