/* Stacks through real clients: boto3 and the AWS CLI, with templates by URL and stacks within stacks. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect } from 'vitest';
import { emptyDirectory } from '../../cli/carillon.ts';
import { aws, boto3, testWithPython } from '../clients.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine();
});
afterEach(() => engine.close());

const CHANGE_SETS = `
import boto3, json, botocore
cfn = boto3.client('cloudformation')
def template(**queue):
    return json.dumps({
        'Parameters': {'Delay': {'Type': 'Number', 'Default': 1}, 'Secret': {'Type': 'String', 'NoEcho': True}},
        'Resources': {
            'Jobs': {'Type': 'AWS::SQS::Queue', 'Properties': {'DelaySeconds': {'Ref': 'Delay'}, **queue}},
            'Policy': {'Type': 'AWS::SQS::QueuePolicy', 'Properties': {'Queues': [{'Ref': 'Jobs'}], 'PolicyDocument': {'Statement': []}}},
        },
        'Outputs': {'Url': {'Value': {'Ref': 'Jobs'}}},
    })
def change(kind, body, **more):
    cfn.create_change_set(StackName='bells', ChangeSetName='c', ChangeSetType=kind, TemplateBody=body, Parameters=[{'ParameterKey': 'Secret', 'ParameterValue': 's'}, *more.get('parameters', [])])
    return cfn.describe_change_set(StackName='bells', ChangeSetName='c', IncludePropertyValues=True)
made = change('CREATE', template())
print(made['Status'], made['ExecutionStatus'], [c['ResourceChange']['Action'] for c in made['Changes']])
print(cfn.describe_stacks(StackName='bells')['Stacks'][0]['StackStatus'])
cfn.execute_change_set(StackName='bells', ChangeSetName='c')
cfn.get_waiter('stack_create_complete').wait(StackName='bells', WaiterConfig={'Delay': 1})
same = change('UPDATE', template())
print(same['Status'], same['StatusReason'])
cfn.delete_change_set(StackName='bells', ChangeSetName='c')
try:
    cfn.describe_change_set(StackName='bells', ChangeSetName='c')
except botocore.exceptions.ClientError as error:
    print(error.response['Error']['Code'])
other = change('UPDATE', template(), parameters=[{'ParameterKey': 'Delay', 'ParameterValue': '2'}])
[only] = [c['ResourceChange'] for c in other['Changes']]
print(only['LogicalResourceId'], only['Replacement'], only['Details'][0]['ChangeSource'], only['Details'][0]['CausingEntity'], only['Details'][0]['Target']['AfterValue'])
print([p['ParameterValue'] for p in other['Parameters']])
cfn.delete_change_set(StackName='bells', ChangeSetName='c')
replaced = change('UPDATE', template(QueueName='other'))
print([(c['ResourceChange']['LogicalResourceId'], c['ResourceChange']['Replacement']) for c in replaced['Changes']])
`;

testWithPython('change sets tell what would change, and why', async () => {
  const printed = await boto3(engine, CHANGE_SETS);
  expect(printed.trimEnd().split('\n')).toEqual([
    "CREATE_COMPLETE AVAILABLE ['Add', 'Add']",
    'REVIEW_IN_PROGRESS',
    "FAILED The submitted information didn't contain changes. Submit different information to create a change set.",
    'ChangeSetNotFound',
    'Jobs False ParameterReference Delay 2',
    "['2', '****']",
    "[('Jobs', 'True'), ('Policy', 'False')]",
  ]);
});

const NESTED = `
import boto3, json
cfn, s3 = boto3.client('cloudformation'), boto3.client('s3')
s3.create_bucket(Bucket='templates', CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'})
inner = {'Parameters': {'Delay': {'Type': 'String'}}, 'Resources': {'Q': {'Type': 'AWS::SQS::Queue', 'Properties': {'DelaySeconds': {'Ref': 'Delay'}}}}, 'Outputs': {'Name': {'Value': {'Fn::GetAtt': ['Q', 'QueueName']}}}}
s3.put_object(Bucket='templates', Key='inner.json', Body=json.dumps(inner))
outer = {'Resources': {'Inner': {'Type': 'AWS::CloudFormation::Stack', 'Properties': {'TemplateURL': 'https://s3.eu-central-1.amazonaws.com/templates/inner.json', 'Parameters': {'Delay': 3}}}}, 'Outputs': {'Name': {'Value': {'Fn::GetAtt': ['Inner', 'Outputs.Name']}}}}
s3.put_object(Bucket='templates', Key='outer.json', Body=json.dumps(outer))
id = cfn.create_stack(StackName='outer', TemplateURL='https://templates.s3.amazonaws.com/outer.json')['StackId']
cfn.get_waiter('stack_create_complete').wait(StackName='outer', WaiterConfig={'Delay': 1})
name = cfn.describe_stacks(StackName='outer')['Stacks'][0]['Outputs'][0]['OutputValue']
inner = [s for s in cfn.describe_stacks()['Stacks'] if s.get('ParentId')]
print([s['StackName'].rsplit('-', 1)[0] for s in inner], name.rsplit('-', 1)[0].split('-')[0], inner[0]['RootId'] == id)
cfn.delete_stack(StackName='outer')
cfn.get_waiter('stack_delete_complete').wait(StackName=id, WaiterConfig={'Delay': 1})
print(len(cfn.describe_stacks()['Stacks']), boto3.client('sqs').list_queues().get('QueueUrls'))
`;

testWithPython('a stack within a stack comes and goes with it, its template by URL', async () => {
  expect((await boto3(engine, NESTED)).trimEnd().split('\n')).toEqual(["['outer-Inner'] outer True", '0 None']);
});

testWithPython('the AWS CLI deploys, deploys nothing when nothing changes, and tells what it is told', async () => {
  const path = join(emptyDirectory(), 'template.yaml');
  writeFileSync(
    path,
    'Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !Sub "${AWS::StackName}-jobs"}\n',
  );
  const deploy = () =>
    aws(
      engine,
      'cloudformation',
      'deploy',
      '--stack-name',
      'bells',
      '--template-file',
      path,
      '--no-fail-on-empty-changeset',
    );
  expect(await deploy()).toContain('Successfully created/updated stack - bells');
  expect(await deploy()).toContain('No changes to deploy. Stack bells is up to date');
  const template = JSON.parse(await aws(engine, 'cloudformation', 'get-template', '--stack-name', 'bells'));
  expect(template.TemplateBody).toMatch(/^Resources:\n {2}Jobs:\n/);
  await expect(aws(engine, 'cloudformation', 'describe-stacks', '--stack-name', 'none')).rejects.toThrow(
    'An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id none does not exist',
  );
});
