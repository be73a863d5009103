import { customType, timestamp } from 'drizzle-orm/pg-core';

/** Binary data: digests, salts, ciphertexts. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/** An instant with millisecond precision, which is what the API shows. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
