/**
 * The one catalogue of log events. A log line's `event` is one of these, so that an alert written against it keeps
 * working; the text beside it is for people.
 */
export const LOG_EVENTS = {
  'service.starting': 'starting',
  'service.ready': 'ready for requests',
  'service.stopping': 'stopping: finishing the requests in flight',
  'service.stopped': 'stopped',
  'service.stop_overdue': 'stopping took too long; what was still in memory is lost',
  'service.replacing': 'replacing the workers one by one',
  'service.replaced': 'every worker is a new one',
  'service.replacement_failed': 'a new worker does not start; the old ones go on',
  'service.replacement_refused':
    'SIGUSR2 replaces workers, and this service is one process; set TOOKEN_WORKERS to 2 or more',
  'worker.starting': 'a worker is started',
  'worker.ready': 'a worker answers',
  'worker.ended': 'a worker ended unexpectedly; it is started again',
  'worker.start_failed': 'a worker does not start; it is tried again',
  'worker.stop_overdue': 'a worker did not stop in time and was killed',
  'service.variable_unknown': 'an environment variable that looks like ours is unknown and has no effect',
  'metrics.ready': 'ready for Prometheus',
  'metrics.failed': 'the metrics could not be gathered',
  'database.migrated': 'the database was migrated',
  'database.unavailable': 'the database cannot be reached',
  'database.recovered': 'the database can be reached again',
  'coherence.renewal_failed': 'the lease could not be renewed; without it nothing is answered from memory',
  'coherence.lease_regained': 'the lease is renewed again',
  'coherence.evicted': 'this replica was evicted; it has forgotten everything and registers anew',
  'coherence.replica_evicted': 'replicas that did not confirm a change within their lease were evicted',
  'http.request': 'request',
  'http.failure': 'a request failed unexpectedly',
  'audit.sequencer_failed': 'events could not be given their place in the log; retrying',
  'audit.events_requeued': 'events had neither a place in the log nor one in the queue; they were queued again',
  'audit.log_halted': 'no more checkpoints are signed for an audit log; its reason says what to do',
  'audit.checkpoint_failed': 'a checkpoint of an audit log could not be signed; retrying',
  'audit.checkpoint_file_failed':
    'the last checkpoint cannot be kept on the disk of this machine, where it would show that an old database was restored',
  'audit.witness_failed': 'a witness did not cosign a checkpoint of an audit log; it is asked again',
  'audit.witness_sweep_failed': 'the database did not tell what witnesses have not cosigned yet; retrying',
  'audit.denials_lost': 'denied calls could not be recorded before the end; their counts are here and nowhere else',
  'audit.denials_kept': 'denied calls could not be recorded yet; their counts are kept',
  'usage.counts_kept': 'uses could not be written yet; their counts are kept',
  'usage.counts_lost': 'uses could not be written; their number is here and nowhere else',
  'usage.purge_failed': 'old usage could not be removed; retrying',
  'request_log.calls_kept': 'calls could not be written into the request log yet; they are kept',
  'request_log.calls_lost': 'calls could not be written into the request log; their number is here and nowhere else',
  'request_log.purge_failed': 'old calls could not be removed from the request log; retrying',
  'idempotency.purge_failed': 'old idempotent answers could not be removed; retrying',
} as const satisfies Record<string, string>;

export type LogEvent = keyof typeof LOG_EVENTS;
