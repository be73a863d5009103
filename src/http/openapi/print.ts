import type { Services } from '../../web/services.ts';
import { createApi } from '../api.ts';
import { mountRoutes } from '../routes.ts';
import { createDocument, toYaml } from './document.ts';

// Mounting hands the services to the handlers, and describing calls no handler: nothing is needed here.
const api = createApi();
mountRoutes(api, {} as Services);
process.stdout.write(toYaml(createDocument(api)));
