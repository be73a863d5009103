import { verifyEvent } from './verify/event-panel.ts';
import { verifyExport } from './verify/export-panel.ts';
import { verifyLog } from './verify/log-panel.ts';
import { preparePanel } from './verify/panel.ts';

// A page has some of them.
preparePanel('event', verifyEvent);
preparePanel('log', verifyLog);
preparePanel('export', verifyExport);
