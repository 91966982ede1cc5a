/*
 * Requests that a service makes for a user through one of AWS's SDKs, written as JSON: a schedule's universal target.
 * Its names are those of an SDK, which differ from the API's in their case alone, in whichever SDK the user had in mind
 * (`DBClusterIdentifier`, `DbClusterIdentifier`); bytes are text, moments as people write them.
 */
import { notImplemented } from '../kernel/errors.ts';
import type { ApiRequest } from '../kernel/service.ts';
import { loadModel, metadata } from './model.ts';
import { parseJson } from './protocols/json-codec.ts';
import { createTreeCodec } from './protocols/tree-codec.ts';
import { parseTimestamp } from './timestamps.ts';

/** Services by the name that SDKs have for them: `cloudwatchlogs` of `CloudWatch Logs`. */
const services = new Map(
  Object.entries(metadata).map(([service, { serviceId }]) => [serviceId.replaceAll(' ', '').toLowerCase(), service]),
);

const codec = createTreeCodec({
  nameOf: ({ name }) => name.toLowerCase(),
  knownName: (name) => name.toLowerCase(),
  readTimestamp: parseTimestamp,
  readBlob: (tree) => (typeof tree === 'string' ? Buffer.from(tree) : undefined),
  readNumber: (tree) => (typeof tree === 'number' ? tree : undefined),
  writeTimestamp: () => (value) => value,
  writeBlob: (value) => value,
  writeNumber: (value) => value,
});

/** Reads a request. Rejects with AwsError: for an operation that is not known, and for an input that is not its own. */
export async function readRequest(sdkService: string, action: string, json: string): Promise<ApiRequest> {
  const service = services.get(sdkService.toLowerCase());
  if (service === undefined) throw notImplemented(sdkService, action);
  const { operations } = await loadModel(service);
  const sought = action.toLowerCase();
  for (const [operation, { input }] of operations) {
    if (operation.toLowerCase() !== sought) continue;
    return { service, operation, input: codec.read(input, parseJson(Buffer.from(json))) };
  }
  throw notImplemented(sdkService, action);
}
