import type { OpenApiDocument } from '../../src/http/openapi/document.ts';

/** What must never be taken for markup. */
export const HOSTILE_TEXT = `"><script>alert(1)</script><b>' onload="x" style='y' \${z} &amp;`;

const text = { type: 'string', description: HOSTILE_TEXT, example: HOSTILE_TEXT, pattern: '</code><b>' };

/** A document with all that schemas can hold, and with hostile text wherever there can be text. */
export const hostileDocument: OpenApiDocument & Record<string, unknown> = {
  openapi: '3.1.0',
  info: { title: `Title ${HOSTILE_TEXT}`, version: `1 ${HOSTILE_TEXT}`, description: `\`${HOSTILE_TEXT}\`` },
  servers: [{ url: 'https://elsewhere.example/' }],
  tags: [{ name: 'declared', description: HOSTILE_TEXT }, { name: 'empty' }],
  paths: {
    '/things/{thing}': {
      get: {
        operationId: 'get thing',
        tags: [HOSTILE_TEXT],
        summary: HOSTILE_TEXT,
        description: `First.\n\nSecond, \`code\` and one \` that is alone.\n\n${HOSTILE_TEXT}`,
        parameters: [
          { name: 'thing', in: 'path', required: true, schema: text },
          { name: HOSTILE_TEXT, in: 'query', required: true, schema: { type: 'boolean' } },
          { name: 'second', in: 'query', required: true, schema: { type: 'number', exclusiveMinimum: 3 } },
          { name: 'X-Thing', in: 'header', required: true, schema: text },
          { $ref: '#/components/parameters/Shared' },
        ],
        responses: {
          '200': { description: HOSTILE_TEXT, content: { 'application/json': { schema: reference('Tree') } } },
          '404': { $ref: '#/components/responses/404' },
          default: { description: 'Anything else.' },
        },
      },
      delete: { operationId: 'get-thing', responses: { '204': { description: '' } }, security: [] },
    },
    '/forms': {
      post: {
        tags: ['declared', 'second'],
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': { schema: reference('Everything') },
            'application/json': { schema: reference('Everything') },
            'text/plain': { schema: {} },
          },
        },
        responses: { '400': { description: 'Its own.', content: { 'application/json': { schema: true } } } },
      },
      put: {
        operationId: 'dangling',
        requestBody: { $ref: '#/components/requestBodies/Nothing' },
        responses: { '200': { $ref: 'https://elsewhere.example/openapi.yaml#/nothing' } },
      },
    },
  },
  components: {
    parameters: { Shared: { name: 'shared', in: 'query', schema: { enum: ['a', null, 3] } } },
    responses: { '404': { description: `\`gone\`: ${HOSTILE_TEXT}` } },
    securitySchemes: { odd: { type: 'openIdConnect', description: HOSTILE_TEXT } },
    schemas: {
      Tree: {
        type: 'object',
        properties: {
          children: { type: 'array', items: reference('Tree') },
          parent: { allOf: [reference('Tree'), { type: ['object', 'null'] }] },
          [HOSTILE_TEXT]: text,
        },
        required: ['children', HOSTILE_TEXT],
      },
      Loop: reference('Loop'),
      Everything: {
        type: 'object',
        required: ['union', 'place'],
        additionalProperties: text,
        properties: {
          union: { anyOf: [text, { type: 'integer', minimum: 2, maximum: 9 }, { type: 'null' }] },
          objects: { oneOf: [reference('Tree'), { type: 'object', properties: { a: { const: 'b' } } }] },
          place: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
          map: { type: 'object', additionalProperties: reference('Tree') },
          tree: { allOf: [reference('Tree'), { type: ['object', 'null'] }] },
          both: { allOf: [reference('Tree'), { type: 'object', properties: { more: {} }, required: ['more'] }] },
          loop: reference('Loop'),
          nothing: reference('Missing'),
          lists: { type: 'array', items: { type: 'array', items: { type: 'object', properties: { deep: {} } } } },
          only: { type: 'null' },
        },
      },
    },
  },
};

function reference(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
