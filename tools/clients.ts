/*
 * The AWS services whose shapes Carillon knows: the one list that both generators read. To add a service,
 * install its SDK client as a devDependency, add its line, and run `npm run prepare` and `node tools/models.ts`.
 */

export interface Client {
  /** The service's name in Carillon: its folder in `services/`, its name in `call`. */
  readonly service: string;
  /** The SDK's package, which holds the runtime schemas. */
  readonly client: string;
  /** The folder of AWS's API model in botocore's data. */
  readonly botocore: string;
}

export const clients: readonly Client[] = [
  { service: 'cloudcontrol', client: '@aws-sdk/client-cloudcontrol', botocore: 'cloudcontrol' },
  { service: 'cloudformation', client: '@aws-sdk/client-cloudformation', botocore: 'cloudformation' },
  { service: 'cloudwatch', client: '@aws-sdk/client-cloudwatch', botocore: 'cloudwatch' },
  { service: 'ecr', client: '@aws-sdk/client-ecr', botocore: 'ecr' },
  { service: 'eventbridge', client: '@aws-sdk/client-eventbridge', botocore: 'events' },
  { service: 'iam', client: '@aws-sdk/client-iam', botocore: 'iam' },
  { service: 'kms', client: '@aws-sdk/client-kms', botocore: 'kms' },
  { service: 'lambda', client: '@aws-sdk/client-lambda', botocore: 'lambda' },
  { service: 'logs', client: '@aws-sdk/client-cloudwatch-logs', botocore: 'logs' },
  { service: 's3', client: '@aws-sdk/client-s3', botocore: 's3' },
  { service: 'scheduler', client: '@aws-sdk/client-scheduler', botocore: 'scheduler' },
  { service: 'sns', client: '@aws-sdk/client-sns', botocore: 'sns' },
  { service: 'sqs', client: '@aws-sdk/client-sqs', botocore: 'sqs' },
  { service: 'ssm', client: '@aws-sdk/client-ssm', botocore: 'ssm' },
  { service: 'sts', client: '@aws-sdk/client-sts', botocore: 'sts' },
];
