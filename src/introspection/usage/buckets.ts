/** The stretches of time that usage is counted by, and for how long each is kept. */
export const BUCKETS = ['minute', 'hour', 'day'] as const;

export type Bucket = (typeof BUCKETS)[number];

export const BUCKET_SECONDS: Readonly<Record<Bucket, number>> = { minute: 60, hour: 3_600, day: 86_400 };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const RETENTION_MS: Readonly<Record<Bucket, number>> = {
  minute: 48 * HOUR_MS,
  hour: 90 * DAY_MS,
  day: 400 * DAY_MS,
};

/** A source that a token has not come from for so long is news again. */
export const SOURCE_RETENTION_MS = 90 * DAY_MS;
