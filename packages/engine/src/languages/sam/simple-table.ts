/* AWS::Serverless::SimpleTable: a table of DynamoDB with one key. */
import { isObject } from '../template/value.ts';
import { SamFault } from './error.ts';
import { type Expansion, kept, type SamResource } from './expansion.ts';
import { checkProperties, properties } from './properties.ts';
import { tagList } from './values.ts';

const PROPERTIES = properties(
  'PrimaryKey:~map ProvisionedThroughput:~map TableName:~string Tags:map SSESpecification:map',
  'PointInTimeRecoverySpecification',
);

const KEY_TYPES: Readonly<Record<string, string>> = { String: 'S', Number: 'N', Binary: 'B' };

export function expandSimpleTable(expansion: Expansion, resource: SamResource): void {
  const { id, type } = resource;
  const values = checkProperties(id, type, resource.properties, PROPERTIES);
  const key = isObject(values.PrimaryKey) ? values.PrimaryKey : { Name: 'id', Type: 'String' };
  const keyType = KEY_TYPES[String(key.Type)];
  if (keyType === undefined) throw SamFault.ofResource(id, `Invalid 'Type' "${key.Type}".`);
  const made = {
    AttributeDefinitions: [{ AttributeName: key.Name!, AttributeType: keyType }],
    KeySchema: [{ AttributeName: key.Name!, KeyType: 'HASH' }],
    PointInTimeRecoverySpecification: values.PointInTimeRecoverySpecification,
    ProvisionedThroughput: values.ProvisionedThroughput,
    BillingMode: values.ProvisionedThroughput ? undefined : 'PAY_PER_REQUEST',
    TableName: values.TableName,
    Tags: isObject(values.Tags) ? tagList(values.Tags) : undefined,
    SSESpecification: values.SSESpecification,
  };
  expansion.add(id, 'AWS::DynamoDB::Table', made, kept(resource));
}
