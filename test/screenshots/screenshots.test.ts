import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { createTour } from '../dashboard/tour.ts';

/** Pictures of every page, to be looked at by people: `npm run screenshots`. */
const FOLDER = join(import.meta.dirname, '../output/screenshots');
mkdirSync(FOLDER, { recursive: true });

const OPEN_PAGES = ['/sign-in', '/forgotten', '/link', '/live/nothing-here'];
const WINDOWS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 360].map((width) => ({ colorScheme, width })),
);

const { world, owner, pages } = await createTour();
const all = [
  ...pages.map(({ name, path }) => ({ name, path: `/live${path}`, person: owner })),
  ...OPEN_PAGES.map((path) => ({ name: path.slice(1).replaceAll('/', '-'), path, person: undefined })),
];

describe.each(WINDOWS)('in a window that is $colorScheme and $width wide', async (window) => {
  const visitors = { owner: await world.visit(owner, window), nobody: await world.visit(undefined, window) };

  test.each(all)('$name', async ({ name, path, person }) => {
    const { page } = person === undefined ? visitors.nobody : visitors.owner;
    await page.goto(path);
    const file = `${name}-${window.colorScheme}-${window.width}.png`;
    await page.screenshot({ path: join(FOLDER, file), fullPage: true });
  });
});
