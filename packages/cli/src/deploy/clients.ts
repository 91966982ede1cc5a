/* AWS's own clients, pointed at the engine that is up: what the commands about stacks call it with. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { regionOfEnvironment } from '../aws.ts';
import { CommandError, type Values } from '../options.ts';
import { endpointOf, findEngine } from '../running.ts';
import { keysOfEnvironment } from '../signing.ts';

export interface Clients {
  readonly endpoint: string;
  readonly region: string;
  readonly cloudformation: CloudFormationClient;
  readonly s3: S3Client;
  readonly sts: STSClient;
}

/** Clients for a region. Throws a CommandError where no engine is up. */
export async function clientsFor(values: Values, region = regionOfEnvironment()): Promise<Clients> {
  const endpoint = await findEngine(values);
  if (!endpoint) {
    throw new CommandError(
      `No Carillon is up at ${endpointOf(values)}. Start one with carillon start, or name its --port.`,
    );
  }
  const credentials = keysOfEnvironment() ?? { accessKeyId: 'test', secretAccessKey: 'test' };
  // A refusal is final: the engine is no network away, and its clock may not be the machine's.
  const configuration = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    ...{ endpoint, region },
    cloudformation: new CloudFormationClient(configuration),
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    sts: new STSClient(configuration),
  };
}
