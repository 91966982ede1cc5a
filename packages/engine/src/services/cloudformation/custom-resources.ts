/*
 * Custom resources: made by whoever answers a request, a function or somebody at a topic.
 *
 * Requests, responses and their members: AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */

import { parseArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Properties } from '../../kernel/service.ts';
import { Failure, type Handler, type Outcome, type Step } from './handler.ts';
import { generatedId } from './names.ts';
import { expectResponses, MOST_RESPONSE_BYTES, noteSent, responses, responseUrl } from './responses.ts';
import { resourceContext } from './service-types.ts';
import { waitUntil } from './waiting.ts';

/** How long an answer may take unless ServiceTimeout says otherwise. */
const LONGEST_S = 3_600;

interface Request {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly PhysicalResourceId?: string;
  readonly properties: Properties;
  readonly before?: Properties;
}

interface Response {
  readonly Status?: unknown;
  readonly Reason?: unknown;
  readonly PhysicalResourceId?: unknown;
  readonly Data?: unknown;
}

export const customResource: Handler = {
  async create(step, properties) {
    return ask(step, { RequestType: 'Create', properties });
  },
  async update(step, { physicalId, properties: before }, properties) {
    if (before.ServiceToken !== properties.ServiceToken) throw new Failure('Modifying service token is not allowed.');
    return ask(step, { RequestType: 'Update', PhysicalResourceId: physicalId, properties, before });
  },
  async delete(step, { physicalId, properties }) {
    await ask(step, { RequestType: 'Delete', PhysicalResourceId: physicalId, properties });
  },
};

async function ask(step: Step, request: Request): Promise<Outcome> {
  const { ctx, clientToken: token } = step;
  const { ServiceToken, ServiceTimeout } = request.properties;
  const seconds = ServiceTimeout === undefined ? LONGEST_S : Number(ServiceTimeout);
  if (!(seconds >= 1 && seconds <= LONGEST_S)) {
    throw new Failure('ServiceTimeout must be an integer between 1 and 3600.');
  }
  const sentAt = await ctx.transact((tx) => tx.rows(responses).get(token)?.sentAt);
  const begunAt = sentAt ?? ctx.clock.now();
  if (sentAt === undefined) {
    await ctx.transact((tx) => expectResponses(tx, token));
    await send(step, ServiceToken, request);
    await ctx.transact((tx) => noteSent(tx, token, begunAt));
  }
  const waited = await waitUntil(ctx, step.waitFor, `response ${token}`, begunAt + seconds * 1_000, (tx) => {
    return tx.rows(responses).get(token)?.bodies[0];
  });
  if (waited === 'stopped') throw new Failure(CANCELLED[request.RequestType]);
  await ctx.transact((tx) => tx.rows(responses).delete(token));
  if (waited === 'late') {
    throw new Failure(
      `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${token}]. If you are using the Python cfn-response module, you may need to update your Lambda function so that CloudFormation can attach the updated version.`,
    );
  }
  return outcomeOf(step, request, waited.found);
}

const CANCELLED = {
  Create: 'Resource creation cancelled',
  Update: 'Resource update cancelled',
  Delete: 'Resource deletion cancelled',
};

async function send(step: Step, serviceToken: unknown, request: Request): Promise<void> {
  const { ctx, stack, clientToken: token, logicalId, type } = step;
  const arn = parseArn(String(serviceToken));
  const { RequestType, PhysicalResourceId, properties, before } = request;
  const message = JSON.stringify({
    RequestType,
    ServiceToken: serviceToken,
    ResponseURL: responseUrl(ctx.host, ctx.scope, token),
    StackId: stack.id,
    RequestId: token,
    LogicalResourceId: logicalId,
    ...(PhysicalResourceId !== undefined && { PhysicalResourceId }),
    ResourceType: type,
    ResourceProperties: texts(properties),
    ...(before && { OldResourceProperties: texts(before) }),
  });
  const { call } = resourceContext(step);
  try {
    if (arn?.service === 'sns') {
      const Subject = 'AWS CloudFormation custom resource request';
      await call('sns', 'Publish', { TopicArn: String(serviceToken), Message: message, Subject });
    } else if (arn?.service === 'lambda') {
      const how = { scope: { region: arn.region, account: arn.account } };
      const FunctionName = String(serviceToken);
      const Payload = Buffer.from(message);
      await call('lambda', 'Invoke', { FunctionName, InvocationType: 'Event', Payload }, how);
    } else throw new Failure('Invalid service token.');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new Failure(error.message);
  }
}

/** Properties as they are sent: every scalar a text. */
function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, texts(part)]));
}

function outcomeOf(step: Step, { RequestType, PhysicalResourceId: before }: Request, text: string): Outcome {
  if (Buffer.byteLength(text) > MOST_RESPONSE_BYTES) throw new Failure('Response object is too long.');
  const response = read(text);
  const { Status, Reason, Data } = response;
  const given = response.PhysicalResourceId;
  const physicalId = typeof given === 'string' && given !== '' && given.length <= 1_024 ? given : undefined;
  if (Status !== 'SUCCESS') {
    if (Status !== 'FAILED') throw new Failure('Invalid Status');
    const id = physicalId ?? before ?? generatedId(step.ctx.ids, step.stack.name, step.logicalId);
    const words = typeof Reason === 'string' && Reason !== '' ? Reason : 'No reason was given.';
    throw new Failure(
      `Received response status [FAILED] from custom resource. Message returned: ${words} (RequestId: ${step.clientToken})`,
      id,
    );
  }
  if (physicalId === undefined && RequestType !== 'Delete') throw new Failure('Invalid PhysicalResourceId');
  const attributes = typeof Data === 'object' && Data !== null ? (Data as Properties) : {};
  return { physicalId: physicalId ?? before!, attributes };
}

function read(text: string): Response {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    throw new Failure('Invalid JSON in the response object.');
  }
  throw new Failure('Invalid JSON in the response object.');
}

/** The words about an attribute that the answer did not give. */
export function missingAttribute(stackId: string, logicalId: string, attribute: string, region: string): string {
  const storage = `cloudformation-custom-resource-storage-${region.replaceAll('-', '')}`;
  return `CustomResource attribute error: Vendor response doesn't contain ${attribute} key in object ${stackId}|${logicalId} in S3 bucket ${storage}`;
}
