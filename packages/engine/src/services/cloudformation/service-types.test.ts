/* A resource whose making was cut short, between two of the calls that it takes. */
import { expect, test } from 'vitest';
import { completed, createResourceTypes } from '../../kernel/resource-types.ts';
import type { ResourceContext } from '../../kernel/service.ts';
import { services } from '../../services.ts';
import { createTestEngine } from '../../testing.ts';

const statement = (text: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...text }] });
const TRUST = statement({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });

test('is brought to all of its properties', async () => {
  await using engine = await createTestEngine();
  const type = createResourceTypes(services)('AWS::IAM::Role')!;
  const ctx = { call: (service, operation, input) => engine.call(service, operation, input) } as ResourceContext;
  await engine.call('iam', 'CreateRole', { RoleName: 'half', AssumeRolePolicyDocument: JSON.stringify(TRUST) });
  const properties = {
    ...{ RoleName: 'half', AssumeRolePolicyDocument: TRUST, MaxSessionDuration: 7_200 },
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
    Policies: [{ PolicyName: 'p', PolicyDocument: statement({ Action: 'sqs:*', Resource: '*' }) }],
  };
  expect(await completed(type, ctx, 'half', properties)).toBe('half');
  expect(await type.type.read(ctx, { physicalId: 'half', properties })).toMatchObject(properties);
});
