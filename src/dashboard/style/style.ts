import { ACCOUNT } from './account.ts';
import { AUDIT } from './audit.ts';
import { BASE } from './base.ts';
import { CHARTS } from './charts.ts';
import { CONTENT } from './content.ts';
import { EVENT } from './event.ts';
import { FORMS } from './forms.ts';
import { LAYOUT } from './layout.ts';
import { MEMBERS } from './members.ts';
import { OVERVIEW } from './overview.ts';
import { REQUESTS } from './requests.ts';
import { TABS } from './tabs.ts';
import { TOKEN_DETAIL } from './token-detail.ts';
import { TOKENS } from './tokens.ts';
import { TOKENS_PAGES } from './tokens-pages.ts';

/** The one stylesheet of the dashboard. */
export const STYLE = [
  TOKENS,
  BASE,
  LAYOUT,
  FORMS,
  CONTENT,
  CHARTS,
  MEMBERS,
  OVERVIEW,
  TOKENS_PAGES,
  TOKEN_DETAIL,
  TABS,
  AUDIT,
  REQUESTS,
  EVENT,
  ACCOUNT,
].join('\n');
