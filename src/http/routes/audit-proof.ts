import { z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import { proveEvent } from '../../audit/checkpoints/prove.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { EventId } from '../../lib/ids.ts';
import { viewerOf } from '../../web/audit-filters.ts';
import { idSchema } from '../../web/fields.ts';
import { proofDocument } from '../../web/proof-document.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { auditEventBody, presentEvent } from '../audit-event.ts';
import { jsonAnswer } from '../schemas.ts';

const base64 = (description: string) => z.string().openapi({ format: 'byte', description });

const proofBody = z
  .object({
    event: auditEventBody,
    leaf_index: z.int(),
    leaf: z.string().openapi({ description: 'The canonical JSON that the log commits to, byte for byte.' }),
    openings: z.record(z.string(), z.object({ salt: base64('32 bytes.'), payload: z.string() })).openapi({
      description:
        'What the commitments of the leaf open to, by slot, as far as it has not been erased: each is the hex of SHA-256(salt ‖ payload).',
    }),
    proof: z.object({
      size: z.int().openapi({ description: 'Of the tree that the checkpoint signs.' }),
      hashes: z
        .array(base64('32 bytes.'))
        .openapi({ description: 'The audit path (RFC 6962 §2.1.1), the sibling of the leaf first.' }),
    }),
    checkpoint: z.string().openapi({ description: 'A signed note (C2SP tlog-checkpoint) with its cosignatures.' }),
    verifier_key: z.string().openapi({
      description: 'For information. Verify with the key that you noted earlier or had from elsewhere.',
    }),
    tlog_proof: z.string().openapi({ description: 'The same as text: c2sp.org/tlog-proof@v1.' }),
  })
  .openapi('AuditProof');

const TEXT = 'text/plain';

const proofRoute = defineRoute('proveAuditEvent', {
  summary: 'Prove an audit event',
  description:
    'Everything needed to verify offline that the event is in the log, whoever runs the service: see docs/audit-log.md. ' +
    'With `Accept: text/plain` it is the c2sp.org/tlog-proof@v1 alone, with the leaf as its extra data.',
  tags: ['Audit log'],
  request: { params: z.object({ id: idSchema('evt') }) },
  responses: {
    200: {
      description: 'The proof.',
      content: { ...jsonAnswer('', proofBody).content, [TEXT]: { schema: z.string() } },
    },
  },
});

export function mountAuditProof(api: Api, services: Services): void {
  api.openapi(proofRoute, async (c) => {
    const { id } = c.req.valid('param');
    const proof = await proveEvent(services, viewerOf(c.get('caller')), id as EventId);
    if (proof === undefined) throw new ServiceError('not_found');
    c.header('Vary', 'Accept');
    const type = accepts(c, { header: 'Accept', supports: ['application/json', TEXT], default: 'application/json' });
    if (type === TEXT) {
      c.header('Content-Disposition', `inline; filename="${id}.tlog-proof"`);
      return c.text(proof.tlogProof, 200);
    }
    const { event, openings, ...document } = proofDocument(proof);
    return c.json({ ...document, event: presentEvent(event), openings: { ...openings } }, 200);
  });
}
