/** What can be wrong with an export, or with a log. The codes are stable: scripts may rely on them. */
export type DamageCode = keyof typeof DAMAGES;

export interface Damage {
  readonly code: DamageCode;
  /** What was found, in a sentence. Nothing in it comes from the export but numbers, ids and hashes. */
  readonly found: string;
  /** Counted from 1; null if it is about no single line. */
  readonly line: number | null;
  /** From `first` to before `end`; null if it is about no leaves. */
  readonly leaves: { readonly first: number; readonly end: number } | null;
  /** Of the event that is shown there, if one is. */
  readonly eventId: string | null;
}

interface DamageText {
  readonly meaning: string;
  readonly advice: string;
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

/** What each kind of damage means, and what to do next. */
export const DAMAGES = {
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
    advice:
      'Export again and have the proof put in, as it says above. A checkpoint of an origin that was closed is compared with ' +
      'an export of that time.',
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

/** Ends a verification. */
export class DamageFound extends Error {
  override readonly name = 'DamageFound';
  readonly damage: Damage;

  constructor(damage: Damage) {
    super(damage.found);
    this.damage = damage;
  }
}

export function damageAt(
  line: number | null,
  code: DamageCode,
  found: string,
  { leaves = null, eventId = null }: Partial<Pick<Damage, 'leaves' | 'eventId'>> = {},
): DamageFound {
  return new DamageFound({ code, found, line, leaves, eventId });
}

/** `leaf 7`, `leaves 7 to 9`; for one that is empty, where it would be. */
export function nameLeaves({ first, end }: { readonly first: number; readonly end: number }): string {
  return end - first <= 1 ? `leaf ${first}` : `leaves ${first} to ${end - 1}`;
}
