import { narrowAsTyped } from './parts/narrow.ts';

narrowAsTyped();
