import type { Pages } from '../../kernel/pages.ts';
import { mountAddScope } from './add-scope.tsx';
import { mountCreateRole } from './create-role.tsx';
import { mountDeleteRole } from './delete-role.tsx';
import { mountDescribeScope } from './describe-scope.tsx';
import { mountEditRole } from './edit-role.tsx';
import { mountRemoveScope } from './remove-scope.tsx';
import { mountRole } from './role.tsx';
import { mountRoleList } from './roles.tsx';
import { mountCatalogue } from './scopes.tsx';

/** Everything under `/roles`: the roles, and the scopes that they are made of. */
export function mountRoles(pages: Pages): void {
  mountRoleList(pages);
  // Before the page of one role, for which `new` and `scopes` would be ids.
  mountCreateRole(pages);
  mountCatalogue(pages);
  mountAddScope(pages);
  mountDescribeScope(pages);
  mountRemoveScope(pages);
  mountRole(pages);
  mountEditRole(pages);
  mountDeleteRole(pages);
}
