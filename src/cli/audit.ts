import type { Command } from 'commander';
import { registerErase } from './audit/erase.ts';
import { registerExport } from './audit/export.ts';
import { registerReopen } from './audit/reopen.ts';
import { registerTail } from './audit/tail.ts';
import { registerVerify } from './audit/verify.ts';
import { registerVerifyProof } from './audit/verify-proof.ts';
import { defineGroup } from './command.ts';

/** `tooken audit`: what operators do with the audit log. Each command has its file in `audit/`. */
export function registerAudit(program: Command): void {
  const audit = defineGroup(program, 'audit', 'the audit log');
  registerErase(audit);
  registerExport(audit);
  registerReopen(audit);
  registerTail(audit);
  registerVerify(audit);
  registerVerifyProof(audit);
}
