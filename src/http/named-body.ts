import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Once } from '../credentials/idempotency.ts';
import type { Named, NamedKind } from '../identity/named/kind.ts';
import { listNamed, type NamedListInput } from '../identity/named/list.ts';
import { idSchema } from '../web/fields.ts';
import type { Services } from '../web/services.ts';
import type { ApiEnv } from './api.ts';
import { etagHeader, etagOf } from './etag.ts';
import type { JsonResponse, OnceRoute } from './idempotency.ts';
import { instantOutput, jsonAnswer } from './schemas.ts';

/** What roles, groups and projects have in common in requests and answers. */

export function namedFields(
  prefix: 'role' | 'grp' | 'prj',
  example: { readonly name: string; readonly description: string },
) {
  return {
    id: idSchema(prefix),
    name: z.string().openapi({ example: example.name }),
    description: z.string().nullable().openapi({ example: example.description }),
    created_at: instantOutput,
    created_by: z.string().openapi({ description: 'Id of who made it, or `system`.', example: EXAMPLE_CREATOR }),
    updated_at: instantOutput,
  };
}

const EXAMPLE_CREATOR = 'key_01kav3c4r8e0jbwn7sgm5zkqd2';

export function presentNamed({ id, name, description, createdAt, createdBy, updatedAt }: Named) {
  return {
    id,
    name,
    description,
    created_at: createdAt.toISOString(),
    created_by: createdBy,
    updated_at: updatedAt.toISOString(),
  };
}

/** An answer about one of them. */
export function namedAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { ...jsonAnswer(description, schema), headers: etagHeader };
}

/** How one is created, once per Idempotency-Key. */
export function creation<Item extends Named, Body extends object>(
  create: (once: Once<Item> | undefined) => Promise<Item>,
  present: (item: Item) => Body,
): OnceRoute<Item, Body, object, 201> {
  return {
    status: 201,
    perform: async (once) => ({ made: await create(once), fresh: {} }),
    present: (item) => ({ body: present(item), etag: etagOf(item) }),
    subjectOf: () => null,
    repeat: async () => ({}),
  };
}

/** Answers with one of them as it is now. */
export function answerItem<Body extends object>(c: Context<ApiEnv>, item: Named, body: Body): JsonResponse<Body, 200> {
  c.header('ETag', etagOf(item));
  return c.json(body, 200);
}

/** Answers with a page of them. */
export async function answerPage<Item extends Named, Body extends object>(
  c: Context<ApiEnv>,
  services: Services,
  kind: NamedKind<Item>,
  query: NamedListInput,
  present: (item: Item) => Body,
): Promise<JsonResponse<{ data: Body[]; next_cursor: string | null }, 200>> {
  const { items, nextCursor } = await listNamed(services, c.get('caller'), kind, query);
  return c.json({ data: items.map(present), next_cursor: nextCursor }, 200);
}

/** The fields of a change that are there. */
export function givenOf<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
