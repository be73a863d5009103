import { offerCopies } from './parts/copy.ts';
import { filterAsTyped } from './parts/filter.ts';
import { sendOnce } from './parts/send-once.ts';
import { showCurrent } from './parts/show-current.ts';

// Every page loads this. Style sheets show what needs scripts under this class alone.
document.documentElement.classList.add('has-scripts');
offerCopies();
filterAsTyped();
sendOnce();
showCurrent();
