/* SQS, Kinesis, DynamoDB, MQ, MSK, SelfManagedKafka and DocumentDB: event source mappings. */
import { isList, isObject, type JsonObject, type Value } from '../../template/value.ts';
import { onFailure } from '../destinations.ts';
import type { Expansion } from '../expansion.ts';
import { allow, type Policy } from '../policies.ts';
import { properties } from '../properties.ts';
import { compact, listOf, type Members, sub } from '../values.ts';
import { type EventSource, type EventType, faultOf } from './source.ts';

const ALL =
  'BatchSize Enabled:~boolean FilterCriteria:map KmsKeyArn LoggingConfig:map MetricsConfig:map DestinationConfig:map SchemaRegistryConfig:map';
const WINDOW = 'MaximumBatchingWindowInSeconds';
const RETRIES =
  'MaximumRecordAgeInSeconds MaximumRetryAttempts BisectBatchOnFunctionError:~boolean FunctionResponseTypes:~list';
const STARTING = 'StartingPosition! StartingPositionTimestamp';
const STREAM = `${ALL} ${WINDOW} ${RETRIES} ${STARTING} ParallelizationFactor TumblingWindowInSeconds Stream!`;
const ACCESS = 'SourceAccessConfigurations:~list';
const KAFKA = 'Topics:~list ConsumerGroupId:string ProvisionedPollerConfig:map';

/** What only SAM knows; all else is the mapping's own. */
const OF_SAM = new Set([
  ...['Queue', 'Stream', 'Broker', 'Cluster', 'DestinationConfig', 'ConsumerGroupId', 'SchemaRegistryConfig'],
  ...['KafkaBootstrapServers', 'DatabaseName', 'CollectionName', 'FullDocument', 'SecretsManagerKmsKeyId'],
  'DynamicPolicyName',
]);

interface Kind {
  readonly known: readonly string[];
  /** The property that holds the source's ARN. */
  readonly source?: string;
  /** The managed policy that reads it. */
  readonly managed?: string;
  /** Members of its own. */
  readonly own?: (event: EventSource) => Members;
  readonly policies?: (event: EventSource) => Policy[];
}

const mapping = (kind: Kind): EventType => ({
  properties: properties(...kind.known),
  expand: (expansion, event) => expandMapping(expansion, event, kind),
});

function expandMapping(expansion: Expansion, event: EventSource, { source, managed, own, policies }: Kind): void {
  const { id, values, target } = event;
  const same = Object.entries(values).filter(([name]) => !OF_SAM.has(name));
  const failure = onFailure(event);
  const made = {
    ...Object.fromEntries(same),
    EventSourceArn: source === undefined ? undefined : values[source],
    FunctionName: target.name,
    DestinationConfig: failure.config,
    ...own?.(event),
  };
  expansion.add(id, 'AWS::Lambda::EventSourceMapping', made, target.attributes);
  if (managed !== undefined) target.policies.push({ managed: expansion.managedPolicyArn(managed) });
  target.policies.push(...(policies?.(event) ?? []));
  target.policies.push(...failure.policies);
}

/** The configuration of a consumer of Kafka. */
const consumer =
  (name: string) =>
  ({ values }: EventSource): Members => {
    const config = compact({
      ConsumerGroupId: values.ConsumerGroupId,
      SchemaRegistryConfig: values.SchemaRegistryConfig,
    });
    return { [name]: Object.keys(config).length > 0 ? config : undefined };
  };

export const MAPPINGS = {
  SQS: mapping({
    known: [ALL, WINDOW, 'Queue! FunctionResponseTypes:~list ScalingConfig:map ProvisionedPollerConfig:map'],
    source: 'Queue',
    managed: 'service-role/AWSLambdaSQSQueueExecutionRole',
  }),
  Kinesis: mapping({ known: [STREAM], source: 'Stream', managed: 'service-role/AWSLambdaKinesisExecutionRole' }),
  DynamoDB: mapping({ known: [STREAM], source: 'Stream', managed: 'service-role/AWSLambdaDynamoDBExecutionRole' }),
  MSK: mapping({
    known: [ALL, WINDOW, RETRIES, STARTING, 'Stream!', ACCESS, KAFKA],
    source: 'Stream',
    managed: 'service-role/AWSLambdaMSKExecutionRole',
    own: consumer('AmazonManagedKafkaEventSourceConfig'),
    policies: managedKafkaPolicies,
  }),
  MQ: mapping({
    known: [ALL, WINDOW, 'Broker! Queues:~list SecretsManagerKmsKeyId:string DynamicPolicyName', ACCESS],
    source: 'Broker',
    policies: brokerPolicies,
  }),
  SelfManagedKafka: mapping({
    known: [ALL, RETRIES, 'KafkaBootstrapServers:~list StartingPosition StartingPositionTimestamp', ACCESS, KAFKA],
    own: (event) => ({
      ...consumer('SelfManagedKafkaEventSourceConfig')(event),
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: bootstrapServers(event) } },
    }),
    policies: kafkaPolicies,
  }),
  DocumentDB: mapping({
    known: [
      ...[ALL, WINDOW, STARTING, ACCESS],
      'Cluster! DatabaseName! CollectionName FullDocument SecretsManagerKmsKeyId:string',
    ],
    source: 'Cluster',
    own: ({ values: { DatabaseName, CollectionName, FullDocument } }) => ({
      DocumentDBEventSourceConfig: compact({ DatabaseName, CollectionName, FullDocument }),
    }),
    policies: documentPolicies,
  }),
};

function bootstrapServers(event: EventSource): Value {
  const { KafkaBootstrapServers } = event.values;
  if (KafkaBootstrapServers) return KafkaBootstrapServers;
  throw faultOf(event, 'No KafkaBootstrapServers provided for self managed kafka as an event source');
}

const inline = (PolicyName: string, document: JsonObject): Policy => ({
  inline: { PolicyName, PolicyDocument: document },
});

/** The secrets that a source is entered with. */
function secretsOf({ values }: EventSource, types: readonly string[]): Value[] {
  const access = listOf(values.SourceAccessConfigurations).filter(isObject);
  return access.filter(({ Type, URI }) => types.includes(String(Type)) && URI).map(({ URI }) => URI!);
}

const readSecret = (secret: Value): JsonObject => allow(['secretsmanager:GetSecretValue'], secret);

function decrypting({ values }: EventSource): JsonObject[] {
  const key = values.SecretsManagerKmsKeyId;
  if (!key) return [];
  const arn = 'arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/';
  return [allow('kms:Decrypt', sub(`${arn}${key}`))];
}

function checkAccess(event: EventSource, what: string): void {
  if (event.values.SourceAccessConfigurations) return;
  throw faultOf(event, `No SourceAccessConfigurations for ${what} event provided.`);
}

function managedKafkaPolicies(event: EventSource): Policy[] {
  const secrets = secretsOf(event, KAFKA_SECRETS).map(readSecret);
  return secrets.length > 0 ? [inline('MSKExecutionRolePolicy', { Statement: secrets })] : [];
}

const NETWORK = [
  ...['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'],
  ...['ec2:DescribeVpcs', 'ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'],
];

function brokerPolicies(event: EventSource): Policy[] {
  checkAccess(event, 'Amazon MQ');
  const statements = [
    ...secretsOf(event, ['BASIC_AUTH']).map(readSecret),
    allow(['mq:DescribeBroker'], event.values.Broker!),
    ...decrypting(event),
  ];
  return [inline('SamAutoGeneratedAMQPolicy', { Statement: statements })];
}

function documentPolicies(event: EventSource): Policy[] {
  checkAccess(event, 'Amazon DocumentDB');
  const own = (resource: string) => sub(`arn:\${AWS::Partition}:rds:\${AWS::Region}:\${AWS::AccountId}:${resource}:*`);
  const statements = [
    ...secretsOf(event, ['BASIC_AUTH']).map(readSecret),
    allow(['rds:DescribeDBClusterParameters'], own('cluster-pg')),
    allow(['rds:DescribeDBSubnetGroups'], own('subgrp')),
    allow(['rds:DescribeDBClusters'], event.values.Cluster!),
    allow(NETWORK, '*'),
    ...decrypting(event),
  ];
  return [inline('SamAutoGeneratedDocumentDBPolicy', { Statement: statements })];
}

const KAFKA_SECRETS = [
  ...['SASL_SCRAM_256_AUTH', 'SASL_SCRAM_512_AUTH', 'BASIC_AUTH', 'CLIENT_CERTIFICATE_TLS_AUTH'],
  'SERVER_ROOT_CA_CERTIFICATE',
];
const IN_VPC = ['VPC_SUBNET', 'VPC_SECURITY_GROUP'];

function kafkaPolicies(event: EventSource): Policy[] {
  checkAccess(event, 'self managed kafka');
  const access = event.values.SourceAccessConfigurations;
  const inVpc = isList(access) && access.some((entry) => isObject(entry) && IN_VPC.includes(String(entry.Type)));
  const statements = [...secretsOf(event, KAFKA_SECRETS).map(readSecret), ...(inVpc ? [allow(NETWORK, '*')] : [])];
  return [inline('SelfManagedKafkaExecutionRolePolicy', { Statement: statements, Version: '2012-10-17' })];
}
