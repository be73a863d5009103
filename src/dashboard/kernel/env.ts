import type { WebEnv } from '../../web/env.ts';
import type { Visit } from './visit.ts';

/** What is known about a request for a page. */
export interface PageEnv {
  Bindings: WebEnv['Bindings'];
  Variables: WebEnv['Variables'] & {
    /** Set on pages for members. */
    visit?: Visit;
  };
}
