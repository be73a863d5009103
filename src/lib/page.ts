/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next part starts; null at the end. */
  readonly nextCursor: string | null;
}

export const BAD_CURSOR_MESSAGE = 'The cursor is not from this list with these filters. Start again without it.';
