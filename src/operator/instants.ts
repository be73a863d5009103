/** Of seconds since 1970, which may be any number that a witness has signed. */
export function instantOf(seconds: number): string {
  const instant = new Date(seconds * 1000);
  return Number.isNaN(instant.getTime()) ? `${seconds} s after 1970` : instant.toISOString();
}
