import type { Pages } from '../../kernel/pages.ts';
import { mountDeleteKey } from './delete.tsx';
import { mountKey } from './detail.tsx';
import { mountKeyList } from './list.tsx';
import { mountNewKey } from './new.tsx';
import { mountRegenerateKey } from './regenerate.tsx';

/** Everything under `/keys`. */
export function mountKeys(pages: Pages): void {
  mountKeyList(pages);
  // Before the page of one key, for which `new` would be an id.
  mountNewKey(pages);
  mountKey(pages);
  mountRegenerateKey(pages);
  mountDeleteKey(pages);
}
