/* One template with every type of the event-driven services, written as people write them: no names, texts for numbers. */
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect } from 'vitest';
import { boto3, testWithPython } from '../clients.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine();
});
afterEach(() => engine.close());

const TEMPLATE = `
Parameters:
  Delay: {Type: String, Default: "5"}
  Suffix: {Type: String, Default: one}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: [lambda.amazonaws.com, scheduler.amazonaws.com]}, Action: "sts:AssumeRole"}]
  Function:
    Type: AWS::Lambda::Function
    DependsOn: Role
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Timeout: "60"
      MemorySize: "256"
      Environment: {Variables: {QUEUE: !Ref Queue, DELAY: !Ref Delay}}
      Layers: [!Ref Layer]
      Code:
        ZipFile: |
          import cfnresponse
          def handler(event, context):
              return cfnresponse.SUCCESS
  Layer:
    Type: AWS::Lambda::LayerVersion
    Properties: {Content: {S3Bucket: code, S3Key: layer.zip}, Description: !Ref Suffix}
  LayerPermission:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {LayerVersionArn: !Ref Layer, Action: "lambda:GetLayerVersion", Principal: "444455556666"}
  Version:
    Type: AWS::Lambda::Version
    Properties: {FunctionName: !Ref Function, Description: !Ref Suffix}
  Alias:
    Type: AWS::Lambda::Alias
    Properties: {FunctionName: !Ref Function, FunctionVersion: !GetAtt Version.Version, Name: !Sub "live-\${Suffix}"}
  Url:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !Ref Alias, AuthType: NONE, Cors: {AllowOrigins: ["*"], MaxAge: !Ref Delay}}
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Alias, Action: "lambda:InvokeFunction", Principal: events.amazonaws.com, SourceArn: !GetAtt Rule.Arn}
  InvokeConfig:
    Type: AWS::Lambda::EventInvokeConfig
    Properties: {FunctionName: !Ref Function, Qualifier: $LATEST, MaximumRetryAttempts: "1", DestinationConfig: {OnFailure: {Destination: !GetAtt Queue.Arn}}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Queue.Arn, FunctionName: !GetAtt Function.Arn, BatchSize: !Ref Delay}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: "360", DelaySeconds: !Ref Delay}
  Fifo:
    Type: AWS::SQS::Queue
    Properties: {FifoQueue: "true", ContentBasedDeduplication: "true"}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "sqs:SendMessage", Resource: !GetAtt Queue.Arn}]}
  InlineQueuePolicy:
    Type: AWS::SQS::QueueInlinePolicy
    Properties:
      Queue: !Ref Fifo
      PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "sqs:SendMessage", Resource: "*"}]}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {DisplayName: !Sub "Bells \${Suffix}", Subscription: [{Protocol: sqs, Endpoint: !GetAtt Queue.Arn}]}
  FifoTopic:
    Type: AWS::SNS::Topic
    Properties: {FifoTopic: "true", ContentBasedDeduplication: !If [Always, "true", !Ref "AWS::NoValue"]}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref FifoTopic, Protocol: sqs, Endpoint: !GetAtt Fifo.Arn, RawMessageDelivery: "true", FilterPolicy: {bell: [!Ref Suffix]}}
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: "sns:Publish", Resource: !Ref Topic}]}
  InlineTopicPolicy:
    Type: AWS::SNS::TopicInlinePolicy
    Properties:
      TopicArn: !Ref FifoTopic
      PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "sns:Publish", Resource: !Ref FifoTopic}]}
  Bus:
    Type: AWS::Events::EventBus
    Properties: {Name: !Sub "\${AWS::StackName}-\${Suffix}"}
  OneStatement:
    Type: AWS::Events::EventBusPolicy
    Properties: {EventBusName: !Ref Bus, StatementId: one, Statement: {Effect: Allow, Principal: "*", Action: "events:PutEvents", Resource: !GetAtt Bus.Arn}}
  OtherStatement:
    Type: AWS::Events::EventBusPolicy
    Properties: {EventBusName: !Ref Bus, StatementId: other, Statement: {Effect: Allow, Principal: "*", Action: "events:PutRule", Resource: !GetAtt Bus.Arn}}
  Archive:
    Type: AWS::Events::Archive
    Properties: {SourceArn: !GetAtt Bus.Arn, RetentionDays: !Ref Delay}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !GetAtt Bus.Arn
      EventPattern: {source: [!Ref Suffix]}
      Targets: [{Id: function, Arn: !Ref Alias, RetryPolicy: {MaximumRetryAttempts: "2"}}]
  Clock:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(5 minutes), Targets: [{Id: queue, Arn: !GetAtt Queue.Arn, Input: "{}"}]}
  Group:
    Type: AWS::Scheduler::ScheduleGroup
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      GroupName: !Ref Group
      ScheduleExpression: !Sub "rate(\${Delay} hours)"
      FlexibleTimeWindow: {Mode: "OFF"}
      Target: {Arn: !GetAtt Queue.Arn, RoleArn: !GetAtt Role.Arn}
  LogGroup:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: "7", LogGroupName: !Sub "/bells/\${Suffix}"}
  LogStream:
    Type: AWS::Logs::LogStream
    Properties: {LogGroupName: !Ref LogGroup}
Conditions:
  Always: !Equals [a, a]
Outputs:
  Layer: {Value: !Ref Layer}
  Rule: {Value: !Ref Rule}
  Clock: {Value: !Ref Clock}
  Fifo: {Value: !GetAtt Fifo.QueueName}
  FifoTopic: {Value: !GetAtt FifoTopic.TopicName}
  InvokeConfig: {Value: !Ref InvokeConfig}
  Schedule: {Value: !GetAtt Schedule.Arn}
  Url: {Value: !GetAtt Url.FunctionArn}
`;

const SCRIPT = `
import boto3, io, json, re, sys, zipfile
cfn, s3, awslambda, sqs, sns = (boto3.client(name) for name in ('cloudformation', 's3', 'lambda', 'sqs', 'sns'))
events, scheduler, logs, iam = (boto3.client(name) for name in ('events', 'scheduler', 'logs', 'iam'))
archive = io.BytesIO()
with zipfile.ZipFile(archive, 'w') as file: file.writestr('python/bell.py', '')
s3.create_bucket(Bucket='code', CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'})
s3.put_object(Bucket='code', Key='layer.zip', Body=archive.getvalue())
template = ${JSON.stringify(TEMPLATE)}
def settled(waiter):
    try: cfn.get_waiter(waiter).wait(StackName=id, WaiterConfig={'Delay': 1})
    except Exception: pass
    events = cfn.describe_stack_events(StackName=id)['StackEvents']
    for event in events:
        if event['ResourceStatus'].endswith('_FAILED'): print(event['LogicalResourceId'], event['ResourceStatusReason'])
    print(cfn.describe_stacks(StackName=id)['Stacks'][0]['StackStatus'])
def outputs():
    found = {o['OutputKey']: o['OutputValue'] for o in cfn.describe_stacks(StackName=id)['Stacks'][0]['Outputs']}
    return {key: re.sub('[A-Z0-9]{12}', 'X', value).split('eu-central-1:')[-1] for key, value in sorted(found.items())}
id = cfn.create_stack(StackName='bells', TemplateBody=template, Capabilities=['CAPABILITY_IAM'])['StackId']
settled('stack_create_complete')
for pair in outputs().items(): print(*pair)
bus = json.loads(events.describe_event_bus(Name='bells-one')['Policy'])
print(sorted(statement['Sid'] for statement in bus['Statement']))
name = awslambda.list_functions()['Functions'][0]['FunctionName']
print(json.loads(awslambda.invoke(FunctionName=name)['Payload'].read()))
cfn.update_stack(StackName='bells', TemplateBody=template.replace('MemorySize: "256"', 'MemorySize: "512"'), Capabilities=['CAPABILITY_IAM'], Parameters=[{'ParameterKey': 'Delay', 'ParameterValue': '7'}, {'ParameterKey': 'Suffix', 'ParameterValue': 'two'}])
settled('stack_update_complete')
for key in ('Layer', 'Rule', 'Url'): print(key, outputs()[key])
bus = json.loads(events.describe_event_bus(Name='bells-two')['Policy'])
print(sorted(statement['Sid'] for statement in bus['Statement']), len(events.list_event_buses()['EventBuses']))
print(len(awslambda.list_layer_versions(LayerName='Layer')['LayerVersions']), len(awslambda.list_versions_by_function(FunctionName=name)['Versions']))
cfn.delete_stack(StackName='bells')
settled('stack_delete_complete')
left = [awslambda.list_functions()['Functions'], awslambda.list_layers()['Layers'], awslambda.list_event_source_mappings()['EventSourceMappings'], sqs.list_queues().get('QueueUrls', []), sns.list_topics()['Topics'], sns.list_subscriptions()['Subscriptions'], events.list_rules()['Rules'], events.list_archives()['Archives'], events.list_event_buses()['EventBuses'][1:], scheduler.list_schedules()['Schedules'], scheduler.list_schedule_groups()['ScheduleGroups'][1:], iam.list_roles()['Roles'], logs.describe_log_groups(logGroupNamePrefix='/bells')['logGroups']]
print([things for things in left if things])
`;

testWithPython('a template of all types is made, changed, replaced and removed, with nothing left behind', async () => {
  const printed = await boto3(engine, SCRIPT);
  expect(printed.trimEnd().split('\n')).toEqual([
    'CREATE_COMPLETE',
    'Clock bells-Clock-X',
    'Fifo bells-Fifo-X.fifo',
    'FifoTopic bells-FifoTopic-X.fifo',
    'InvokeConfig bells-Function-X|$LATEST',
    'Layer X:layer:Layer:1',
    'Rule bells-one|bells-Rule-X',
    'Schedule X:schedule/bells-Group-X/bells-Schedule-X',
    'Url X:function:bells-Function-X:live-one',
    "['one', 'other']",
    'SUCCESS',
    'UPDATE_COMPLETE',
    'Layer X:layer:Layer:2',
    'Rule bells-two|bells-Rule-X',
    'Url X:function:bells-Function-X:live-two',
    "['one', 'other'] 2",
    '1 2',
    'DELETE_COMPLETE',
    '[]',
  ]);
});
