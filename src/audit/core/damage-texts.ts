export interface DamageText {
  readonly meaning: string;
  readonly advice: string;
}

/** What can be wrong with an export, or with a log. The codes are stable: scripts may rely on them. */
export type DamageCode = keyof typeof DAMAGES;

/** What a kind of damage means, and what to do next: if it was found in an export, or in the database itself. */
export function explainDamage(code: DamageCode, where: 'export' | 'database'): DamageText {
  return where === 'export' ? DAMAGES[code] : { ...DAMAGES[code], ...IN_DATABASE[code] };
}

const EXPORT_AGAIN =
  'Export the same range again and verify that. If it is damaged in the same way, so is the log: keep both exports and ' +
  'every checkpoint you have, and look for who can write to the database.';
const KEEP_BOTH =
  'Keep this export and the earlier checkpoint, both are signed: together they prove it to anybody. A backup that was ' +
  'restored does this too; ask whoever runs the service.';
const GET_KEY =
  'Compare the key with the one you noted when you began to trust this log, never with one that came with the export. If ' +
  'the key of the log was replaced, somebody has to tell you why by other means.';

const DAMAGES = {
  edited_event: {
    meaning: 'An event is not what it was when the log took it in.',
    advice: EXPORT_AGAIN,
  },
  edited_personal_data: {
    meaning: 'Personal data beside an event is not what the event commits to. The event itself may be as it was.',
    advice: EXPORT_AGAIN,
  },
  edited_readable_event: {
    meaning: 'An event is shown differently from what its leaf and its personal data say.',
    advice: `Believe \`leaf\` and \`openings\` of this line, not \`event\`. ${EXPORT_AGAIN}`,
  },
  edited_introspections: {
    meaning: 'The records of single introspections beside an event are not those that the event commits to.',
    advice: EXPORT_AGAIN,
  },
  edited_index: {
    meaning:
      'What queries find an event by does not agree with the event, so that searches miss it or show it wrongly.',
    advice: 'Somebody has written to the table of leaves by hand. Trust unfiltered exports only, and find out who.',
  },
  edited_tile: {
    meaning: 'A hash of the tree is not that of the events below it.',
    advice: EXPORT_AGAIN,
  },
  missing_tile: {
    meaning: 'A part of the tree is not where it should be.',
    advice: EXPORT_AGAIN,
  },
  missing_personal_data: {
    meaning: 'Personal data beside an event is gone, and no erasure has been recorded that explains it.',
    advice: 'Somebody has deleted it by hand. Compare with a backup from before, and find out who.',
  },
  removed_record: {
    meaning: 'Records are missing that should be here.',
    advice: EXPORT_AGAIN,
  },
  duplicated_record: {
    meaning: 'A record is here twice.',
    advice: EXPORT_AGAIN,
  },
  reordered_record: {
    meaning: 'Records are not in the order of the log.',
    advice: EXPORT_AGAIN,
  },
  inserted_record: {
    meaning: 'A record was put in that the log does not have there.',
    advice: EXPORT_AGAIN,
  },
  truncated: {
    meaning: 'The export ends too early: its last line should be the manifest.',
    advice: 'The download was cut short, or lines were cut off. Export again.',
  },
  trailing_data: {
    meaning: 'Something follows the manifest, which is the last line of an export.',
    advice: 'Two exports in one file are verified one by one. Otherwise export again.',
  },
  damaged_line: {
    meaning: 'A line is not what the format of exports allows.',
    advice: EXPORT_AGAIN,
  },
  no_export: {
    meaning: 'The file does not begin as an export does.',
    advice: 'Only exports made as ndjson can be verified, whole: neither CSV nor OCSF, nor what the API answers.',
  },
  wrong_root: {
    meaning:
      'All lines agree with each other, and yet they are not the log that was signed: a record, or a hash that stands for ' +
      'leaves that are not shown, was changed together with what would tell which.',
    advice: EXPORT_AGAIN,
  },
  bad_manifest: {
    meaning:
      'The export is not, byte for byte, the one that the service signed. What it shows of the log holds, though.',
    advice: 'Something was changed after the export: filters, times, spaces. Export again.',
  },
  malformed_checkpoint: {
    meaning: 'A checkpoint is not a signed note with a tree head.',
    advice: 'Give the file exactly as it was served, signatures included.',
  },
  bad_signature: {
    meaning: 'A signature is not by the key that it says.',
    advice: 'What was signed, or the signature, has been changed. Trust nothing in it, and get it again.',
  },
  unknown_key: {
    meaning: 'It is signed by another key than the one you gave.',
    advice: GET_KEY,
  },
  wrong_name: {
    meaning: 'It is signed under another name than that of the key you gave: it belongs to another log.',
    advice: GET_KEY,
  },
  wrong_key_type: {
    meaning: 'The signature is of another type than that of the key you gave.',
    advice: GET_KEY,
  },
  forked: {
    meaning: 'The log has shown two different histories of the same size.',
    advice: KEEP_BOTH,
  },
  rolled_back: {
    meaning: 'The log has become shorter: events that an earlier checkpoint counts are no longer in it.',
    advice: KEEP_BOTH,
  },
  inconsistent_history: {
    meaning: 'What an earlier checkpoint signed is not the beginning of this log: its past was changed.',
    advice: KEEP_BOTH,
  },
  unchecked_history: {
    meaning: 'Whether an earlier checkpoint belongs to the history of this log cannot be told from what is here.',
    advice: 'Export again and have the proof put in, as it says above.',
  },
  missing_witness: {
    meaning: 'Fewer witnesses than you require have cosigned the checkpoint.',
    advice: 'Wait for the witnesses and export again, or require fewer of them.',
  },
  stray_event: {
    meaning: 'Events neither wait for their place in the log nor have one.',
    advice: 'The service queues them again by itself. If it goes on, somebody deletes rows by hand.',
  },
} as const satisfies Record<string, DamageText>;

const FIND_OUT_WHO =
  'Somebody has written to the database by hand. Keep it as it is, with every checkpoint that you have, find out who it ' +
  'was, and compare with a backup from before.';
const HALTED_OR_CHANGED =
  'An older backup in the place of the database does this, and so does a change by hand. `tooken doctor` says whether the ' +
  'log is halted, and why. A newer backup makes it whole; only if there is none, `tooken audit reopen <workspace>` lets a ' +
  'halted log begin anew. Until you know which it was, keep the database as it is, with every checkpoint that you have.';
const CHECK_KEYS =
  'If TOOKEN_MASTER_KEY is that of this service, which `tooken doctor` checks, then the keys in the database were changed ' +
  'by hand: find out who it was, and compare with a backup from before.';

/** Where an export has nothing to do with it. */
const IN_DATABASE: { readonly [Code in DamageCode]?: Partial<DamageText> } = {
  edited_event: { advice: FIND_OUT_WHO },
  edited_personal_data: { advice: FIND_OUT_WHO },
  edited_introspections: { advice: FIND_OUT_WHO },
  edited_tile: { advice: FIND_OUT_WHO },
  missing_tile: { advice: FIND_OUT_WHO },
  removed_record: { advice: FIND_OUT_WHO },
  duplicated_record: { advice: FIND_OUT_WHO },
  reordered_record: { advice: FIND_OUT_WHO },
  inserted_record: { advice: FIND_OUT_WHO },
  damaged_line: { meaning: 'An event is not what a log may hold.', advice: FIND_OUT_WHO },
  bad_signature: { advice: FIND_OUT_WHO },
  wrong_root: {
    meaning: 'The events agree with each other, and yet they are not those that a checkpoint was signed for.',
    advice: HALTED_OR_CHANGED,
  },
  rolled_back: { advice: HALTED_OR_CHANGED },
  unknown_key: { meaning: 'What is signed, and the key that the database has for it, do not fit.', advice: CHECK_KEYS },
  unchecked_history: { advice: 'Verify an export instead, with the key that you noted then as --previous-key.' },
};
