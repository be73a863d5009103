import { idFromUuid } from '../../lib/ids.ts';
import { INSTALLATION_LOG } from '../events/append.ts';

/** What a log is called in URLs, origins and file names: its workspace's id, or `installation`. */
export function nameOfLog(logId: string): string {
  return logId === INSTALLATION_LOG ? 'installation' : idFromUuid('ws', logId);
}
