/* Batches: up to ten entries in one request, each of which succeeds or fails by itself. */
import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/errors.ts';

const MOST = 10;

interface Entry {
  readonly Id: string | undefined;
}

export interface BatchResult<R> {
  Successful: R[];
  Failed: BatchResultErrorEntry[];
}

/** Runs what is to be done for each entry; an entry's AwsError is that entry's alone. `noun` is AWS's for an entry. */
export function runBatch<E extends Entry, R extends object>(
  noun: string,
  entries: readonly E[] | undefined,
  run: (entry: E) => R,
): BatchResult<R & { Id: string }> {
  checkBatch(noun, entries);
  const result: BatchResult<R & { Id: string }> = { Successful: [], Failed: [] };
  for (const entry of entries ?? []) {
    try {
      result.Successful.push({ Id: entry.Id!, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { code, message, fault } = error;
      result.Failed.push({ Id: entry.Id, SenderFault: fault === 'Sender', Code: code, Message: message });
    }
  }
  return result;
}

function checkBatch(noun: string, entries: readonly Entry[] = []): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', `There should be at least one ${noun} in the request.`);
  }
  if (entries.length > MOST) {
    const message = `Maximum number of entries per request are ${MOST}. You have sent ${entries.length}.`;
    throw new AwsError('TooManyEntriesInBatchRequest', message);
  }
  const seen = new Set<string>();
  for (const { Id: id = '' } of entries) {
    if (!/^[\w-]{1,80}$/.test(id)) {
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (seen.has(id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    seen.add(id);
  }
}
