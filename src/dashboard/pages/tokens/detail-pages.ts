import type { Pages } from '../../kernel/pages.ts';
import { mountDeleteToken } from './delete.tsx';
import { mountToken } from './detail.tsx';
import { mountEditToken } from './edit.tsx';
import { mountReassignToken } from './reassign.tsx';
import { mountRevokeToken } from './revoke.tsx';
import { mountRotateToken } from './rotate.tsx';
import { mountFinishRotation } from './rotate-finish.tsx';

/** The page of a token, and those that change it. */
export function mountTokenPages(pages: Pages): void {
  mountToken(pages);
  mountEditToken(pages);
  mountRotateToken(pages);
  mountFinishRotation(pages);
  mountRevokeToken(pages);
  mountReassignToken(pages);
  mountDeleteToken(pages);
}
