/*
 * Policies that AWS manages. Those that event-driven systems use most are here with their documents; any other name
 * can be attached and read back, but Carillon does not know what it says. Documents and dates are those of
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html; a date is the default version's.
 */

export interface AwsManaged {
  readonly version: number;
  readonly date: string;
  readonly description: string;
  readonly statements: readonly object[];
}

const WRITE_LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

const EVENT_BRIDGE = [
  {
    Sid: 'EventBridgeActions',
    Effect: 'Allow',
    Action: ['events:*', 'schemas:*', 'scheduler:*', 'pipes:*'],
    Resource: '*',
  },
  {
    Sid: 'IAMCreateServiceLinkedRoleForApiDestinations',
    Effect: 'Allow',
    Action: 'iam:CreateServiceLinkedRole',
    Resource: 'arn:aws:iam::*:role/aws-service-role/AmazonEventBridgeApiDestinationsServiceRolePolicy',
    Condition: { StringEquals: { 'iam:AWSServiceName': 'apidestinations.events.amazonaws.com' } },
  },
  {
    Sid: 'IAMCreateServiceLinkedRoleForAmazonEventBridgeSchemas',
    Effect: 'Allow',
    Action: 'iam:CreateServiceLinkedRole',
    Resource: 'arn:aws:iam::*:role/aws-service-role/schemas.amazonaws.com/AWSServiceRoleForSchemas',
    Condition: { StringEquals: { 'iam:AWSServiceName': 'schemas.amazonaws.com' } },
  },
  {
    Sid: 'SecretsManagerAccessForApiDestinations',
    Effect: 'Allow',
    Action: [
      'secretsmanager:CreateSecret',
      'secretsmanager:UpdateSecret',
      'secretsmanager:DeleteSecret',
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
    ],
    Resource: 'arn:aws:secretsmanager:*:*:secret:events!*',
  },
];

/** By path and name, with the default version. */
export const AWS_MANAGED: Readonly<Record<string, AwsManaged>> = {
  '/AdministratorAccess': {
    version: 1,
    date: '2015-02-06T18:39:46Z',
    description: 'Provides full access to AWS services and resources.',
    statements: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  },
  '/AmazonEventBridgeFullAccess': {
    version: 4,
    date: '2022-12-01T17:00:46Z',
    description: 'Provides full access to Amazon EventBridge.',
    statements: [
      ...EVENT_BRIDGE,
      passRole('IAMPassRoleAccessForEventBridge', 'StringLike', 'events.amazonaws.com'),
      passRole('IAMPassRoleAccessForScheduler', 'StringLike', 'scheduler.amazonaws.com'),
      passRole('IAMPassRoleAccessForPipes', 'StringLike', 'pipes.amazonaws.com'),
    ],
  },
  '/AmazonS3FullAccess': {
    version: 2,
    date: '2021-09-27T20:16:37Z',
    description: 'Provides full access to all buckets via the AWS Management Console.',
    statements: [allow(['s3:*', 's3-object-lambda:*'])],
  },
  '/AmazonS3ReadOnlyAccess': {
    version: 3,
    date: '2023-08-10T21:31:39Z',
    description: 'Provides read only access to all buckets via the AWS Management Console.',
    statements: [allow(['s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*'])],
  },
  '/AmazonSNSFullAccess': {
    version: 1,
    date: '2015-02-06T18:41:05Z',
    description: 'Provides full access to Amazon SNS via the AWS Management Console.',
    statements: [{ Action: ['sns:*'], Effect: 'Allow', Resource: '*' }],
  },
  '/AmazonSQSFullAccess': {
    version: 1,
    date: '2015-02-06T18:41:07Z',
    description: 'Provides full access to Amazon SQS via the AWS Management Console.',
    statements: [{ Action: ['sqs:*'], Effect: 'Allow', Resource: '*' }],
  },
  '/AmazonSQSReadOnlyAccess': {
    version: 3,
    date: '2023-06-15T15:37:35Z',
    description: 'Provides read only access to Amazon SQS via the AWS Management Console.',
    statements: [
      allow([
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ListDeadLetterSourceQueues',
        'sqs:ListQueues',
        'sqs:ListMessageMoveTasks',
      ]),
    ],
  },
  '/AmazonSSMReadOnlyAccess': {
    version: 1,
    date: '2015-05-29T17:44:19Z',
    description: 'Provides read only access to Amazon SSM.',
    statements: [allow(['ssm:Describe*', 'ssm:Get*', 'ssm:List*'])],
  },
  '/AWSLambda_FullAccess': {
    version: 5,
    date: '2026-02-11T22:18:56Z',
    description:
      'Grants full access to AWS Lambda service, AWS Lambda console features, and other related AWS services.',
    statements: [
      {
        Action: [
          ...['cloudformation:DescribeStacks', 'cloudformation:ListStackResources', 'cloudwatch:ListMetrics'],
          ...['cloudwatch:GetMetricData', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs'],
          ...['kms:DescribeKey', 'kms:ListAliases', 'iam:GetPolicy', 'iam:GetPolicyVersion', 'iam:GetRole'],
          ...['iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies', 'iam:ListRoles'],
          ...['lambda:*', 'logs:DescribeLogGroups', 'states:DescribeStateMachine', 'states:ListStateMachines'],
          ...['tag:GetResources', 'xray:GetTraceSummaries', 'xray:BatchGetTraces'],
        ],
        Resource: '*',
        Effect: 'Allow',
      },
      {
        Action: 'iam:PassRole',
        Resource: '*',
        Effect: 'Allow',
        Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      },
      {
        Action: [
          ...['logs:DescribeLogStreams', 'logs:GetLogEvents', 'logs:FilterLogEvents'],
          ...['logs:StartLiveTail', 'logs:StopLiveTail'],
        ],
        Resource: 'arn:aws:logs:*:*:log-group:/aws/lambda/*',
        Effect: 'Allow',
      },
      {
        Action: 'iam:CreateServiceLinkedRole',
        Resource: 'arn:aws:iam::*:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda',
        Effect: 'Allow',
        Condition: { StringEquals: { 'iam:AWSServiceName': 'lambda.amazonaws.com' } },
      },
    ],
  },
  '/AWSLambdaExecute': {
    version: 1,
    date: '2015-02-06T18:40:46Z',
    description: 'Provides Put, Get access to S3 and full access to CloudWatch Logs.',
    statements: [
      { Effect: 'Allow', Action: ['logs:*'], Resource: 'arn:aws:logs:*:*:*' },
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::*' },
    ],
  },
  '/AWSStepFunctionsFullAccess': {
    version: 1,
    date: '2017-01-11T21:51:32Z',
    description: 'An access policy for providing a user/role/etc access to the AWS StepFunctions APIs.',
    statements: [{ Effect: 'Allow', Action: 'states:*', Resource: '*' }],
  },
  '/AWSXRayDaemonWriteAccess': {
    version: 2,
    date: '2024-02-13T21:58:30Z',
    description: "Allow the AWS X-Ray Daemon to relay raw trace segments data to the service's API.",
    statements: [
      {
        Sid: 'AWSXRayDaemonWriteAccess',
        Effect: 'Allow',
        Action: [
          ...['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules'],
          ...['xray:GetSamplingTargets', 'xray:GetSamplingStatisticSummaries'],
        ],
        Resource: ['*'],
      },
    ],
  },
  '/CloudWatchEventsFullAccess': {
    version: 2,
    date: '2022-12-01T17:05:05Z',
    description: 'Provides full access to Amazon CloudWatch Events.',
    statements: [
      ...EVENT_BRIDGE,
      {
        Sid: 'IAMPassRoleForCloudWatchEvents',
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: 'arn:aws:iam::*:role/AWS_Events_Invoke_Targets',
      },
      passRole('IAMPassRoleAccessForScheduler', 'StringEquals', 'scheduler.amazonaws.com'),
      passRole('IAMPassRoleAccessForPipes', 'StringEquals', 'pipes.amazonaws.com'),
    ],
  },
  '/CloudWatchFullAccess': {
    version: 4,
    date: '2022-11-27T13:23:49Z',
    description: 'Provides full access to CloudWatch.',
    statements: [
      allow([
        ...['autoscaling:Describe*', 'cloudwatch:*', 'logs:*', 'sns:*', 'iam:GetPolicy', 'iam:GetPolicyVersion'],
        ...['iam:GetRole', 'oam:ListSinks'],
      ]),
      {
        Effect: 'Allow',
        Action: 'iam:CreateServiceLinkedRole',
        Resource: 'arn:aws:iam::*:role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*',
        Condition: { StringLike: { 'iam:AWSServiceName': 'events.amazonaws.com' } },
      },
      { Effect: 'Allow', Action: ['oam:ListAttachedLinks'], Resource: 'arn:aws:oam:*:*:sink/*' },
    ],
  },
  '/CloudWatchLambdaInsightsExecutionRolePolicy': {
    version: 1,
    date: '2020-10-07T19:27:06Z',
    description: 'Policy required for the Lambda Insights Extension.',
    statements: [
      { Effect: 'Allow', Action: 'logs:CreateLogGroup', Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: 'arn:aws:logs:*:*:log-group:/aws/lambda-insights:*',
      },
    ],
  },
  '/CloudWatchLogsFullAccess': {
    version: 3,
    date: '2025-05-20T17:07:06Z',
    description: 'Provides full access to CloudWatch Logs.',
    statements: [
      {
        Action: ['logs:*', 'cloudwatch:GenerateQuery', 'cloudwatch:GenerateQueryResultsSummary'],
        Resource: '*',
        Effect: 'Allow',
        Sid: 'CloudWatchLogsFullAccess',
      },
    ],
  },
  '/IAMFullAccess': {
    version: 2,
    date: '2019-06-21T19:40:00Z',
    description: 'Provides full access to IAM via the AWS Management Console.',
    statements: [
      allow([
        ...['iam:*', 'organizations:DescribeAccount', 'organizations:DescribeOrganization'],
        ...['organizations:DescribeOrganizationalUnit', 'organizations:DescribePolicy', 'organizations:ListChildren'],
        ...['organizations:ListParents', 'organizations:ListPoliciesForTarget', 'organizations:ListRoots'],
        ...['organizations:ListPolicies', 'organizations:ListTargetsForPolicy'],
      ]),
    ],
  },
  '/PowerUserAccess': {
    version: 12,
    date: '2026-02-12T17:59:14Z',
    description:
      'Provides full access to AWS services and resources, but does not allow management of Users and groups.',
    statements: [
      { NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*', Effect: 'Allow' },
      {
        Action: [
          ...['account:GetAccountInformation', 'account:GetGovCloudAccountInformation', 'account:GetPrimaryEmail'],
          ...['account:ListRegions', 'iam:CreateServiceLinkedRole', 'iam:DeleteServiceLinkedRole', 'iam:ListRoles'],
          ...['organizations:DescribeEffectivePolicy', 'organizations:DescribeOrganization'],
        ],
        Resource: '*',
        Effect: 'Allow',
      },
    ],
  },
  '/service-role/AmazonAPIGatewayPushToCloudWatchLogs': {
    version: 1,
    date: '2015-11-11T23:41:46Z',
    description: "Allows API Gateway to push logs to user's account.",
    statements: [
      allow([
        ...['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogGroups', 'logs:DescribeLogStreams'],
        ...['logs:PutLogEvents', 'logs:GetLogEvents', 'logs:FilterLogEvents'],
      ]),
    ],
  },
  '/service-role/AWSLambdaBasicExecutionRole': {
    version: 1,
    date: '2015-04-09T15:03:43Z',
    description: 'Provides write permissions to CloudWatch Logs.',
    statements: [allow(WRITE_LOGS)],
  },
  '/service-role/AWSLambdaDynamoDBExecutionRole': {
    version: 1,
    date: '2015-04-09T15:09:29Z',
    description: 'Provides list and read access to DynamoDB streams and write permissions to CloudWatch logs.',
    statements: [
      allow([
        ...['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
        ...WRITE_LOGS,
      ]),
    ],
  },
  '/service-role/AWSLambdaKinesisExecutionRole': {
    version: 2,
    date: '2018-11-19T20:09:24Z',
    description: 'Provides list and read access to Kinesis streams and write permissions to CloudWatch logs.',
    statements: [
      allow([
        ...['kinesis:DescribeStream', 'kinesis:DescribeStreamSummary', 'kinesis:GetRecords'],
        ...['kinesis:GetShardIterator', 'kinesis:ListShards', 'kinesis:ListStreams', 'kinesis:SubscribeToShard'],
        ...WRITE_LOGS,
      ]),
    ],
  },
  '/service-role/AWSLambdaRole': {
    version: 1,
    date: '2015-02-06T18:41:28Z',
    description: 'Default policy for AWS Lambda service role.',
    statements: [{ Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: ['*'] }],
  },
  '/service-role/AWSLambdaSQSQueueExecutionRole': {
    version: 1,
    date: '2018-06-14T21:50:45Z',
    description:
      'Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to CloudWatch logs.',
    statements: [allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', ...WRITE_LOGS])],
  },
  '/service-role/AWSLambdaVPCAccessExecutionRole': {
    version: 3,
    date: '2024-01-05T22:38:26Z',
    description:
      'Provides minimum permissions for a Lambda function to execute while accessing a resource within a VPC - create, describe, delete network interfaces and write permissions to CloudWatch Logs.',
    statements: [
      {
        Sid: 'AWSLambdaVPCAccessExecutionPermissions',
        ...allow([
          ...WRITE_LOGS,
          ...['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'],
          ...['ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
        ]),
      },
    ],
  },
};

function allow(actions: readonly string[]): object {
  return { Effect: 'Allow', Action: actions, Resource: '*' };
}

function passRole(sid: string, operator: string, service: string): object {
  return {
    Sid: sid,
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: 'arn:aws:iam::*:role/*',
    Condition: { [operator]: { 'iam:PassedToService': service } },
  };
}
