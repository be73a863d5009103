import type { Command } from 'commander';

/** Adds the filters that the API's list of events has, by the same names. */
export function withFilters(command: Command): Command {
  return command
    .option('--action <actions>', 'only these, comma-separated: token.revoked,api_key.*')
    .option('--actor <ids>', 'only what these did; also system, anonymous')
    .option('--target <ids>', 'only what was done to these')
    .option('--outcome <outcomes>', 'only success, denied or failure')
    .option('--ip <address>', 'only what came from this address')
    .option('--request-id <id>', 'only what this request caused')
    .option('--q <words>', 'only what has all of these words, in its action, reason, ids or changes');
}
