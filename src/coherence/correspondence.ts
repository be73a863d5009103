import type { OwnConnections } from '../db/own-connections.ts';
import type { Random } from '../lib/random.ts';
import { type Confirmation, encodeConfirmation, type ReplyAddress } from './messages.ts';
import { notify } from './store.ts';

/** What a process writes to the fences of others, and hears for its own. */
export interface Correspondence {
  /** Where confirmations for the fences of this process are sent. */
  readonly replyChannel: string;
  /** Confirms to a fence that the registration has applied what it told. */
  confirm(to: ReplyAddress, registrationId: string): void;
  hearConfirmation(confirmation: Confirmation): void;
  /** Calls `hear` with every confirmation for `fence`, until `end` is called. */
  awaitConfirmations(hear: (confirmation: Confirmation) => void): { readonly fence: number; end(): void };
}

interface CorrespondenceOptions {
  readonly connections: OwnConnections;
  readonly random: Random;
}

export function createCorrespondence({ connections, random }: CorrespondenceOptions): Correspondence {
  const waiting = new Map<number, (confirmation: Confirmation) => void>();
  let fences = 0;
  let unsent: { readonly channel: string; readonly message: string }[] = [];

  function send(): void {
    const messages = unsent;
    unsent = [];
    // Lost, it costs the fence some time: the next renewal says the same.
    connections.use((db) => notify(db, messages)).catch(() => {});
  }

  return {
    replyChannel: `tooken_confirm_${random.bytes(12).toString('hex')}`,
    confirm({ channel, fence }, registrationId) {
      unsent.push({ channel, message: encodeConfirmation({ fence, registrationId }) });
      // Those of one turn go together.
      if (unsent.length === 1) setImmediate(send);
    },
    hearConfirmation: (confirmation) => waiting.get(confirmation.fence)?.(confirmation),
    awaitConfirmations(hear) {
      fences += 1;
      const fence = fences;
      waiting.set(fence, hear);
      return { fence, end: () => void waiting.delete(fence) };
    },
  };
}
