/* CloudWatch Logs: groups of streams of events, written in batches, read back, searched and kept for a while. */
import { defineService, waits } from '../../kernel/service.ts';
import { access } from './access.ts';
import { acceptDelivery, filterLogEvents, getLogEvents, putLogEvents } from './events.ts';
import {
  associateKmsKey,
  createLogGroup,
  deleteLogGroup,
  describeLogGroups,
  disassociateKmsKey,
  putLogGroupDeletionProtection,
} from './groups.ts';
import { deleteResourcePolicy, describeResourcePolicies, putResourcePolicy } from './resource-policies.ts';
import { resources } from './resources.ts';
import { deleteRetentionPolicy, dropExpired, putRetentionPolicy } from './retention.ts';
import { createLogStream, deleteLogStream, describeLogStreams } from './streams.ts';
import {
  listTagsForResource,
  listTagsLogGroup,
  tagLogGroup,
  tagResource,
  untagLogGroup,
  untagResource,
} from './tags.ts';

export const logs = defineService({
  name: 'logs',
  arnName: 'logs',
  access,
  resources,
  operations: {
    AssociateKmsKey: associateKmsKey,
    DisassociateKmsKey: disassociateKmsKey,
    CreateLogGroup: createLogGroup,
    DeleteLogGroup: deleteLogGroup,
    DescribeLogGroups: describeLogGroups,
    PutLogGroupDeletionProtection: putLogGroupDeletionProtection,
    PutRetentionPolicy: putRetentionPolicy,
    DeleteRetentionPolicy: deleteRetentionPolicy,
    PutResourcePolicy: putResourcePolicy,
    DescribeResourcePolicies: describeResourcePolicies,
    DeleteResourcePolicy: deleteResourcePolicy,
    CreateLogStream: createLogStream,
    DeleteLogStream: deleteLogStream,
    DescribeLogStreams: describeLogStreams,
    PutLogEvents: putLogEvents,
    GetLogEvents: waits(getLogEvents),
    FilterLogEvents: waits(filterLogEvents),
    TagLogGroup: tagLogGroup,
    UntagLogGroup: untagLogGroup,
    ListTagsLogGroup: listTagsLogGroup,
    TagResource: tagResource,
    UntagResource: untagResource,
    ListTagsForResource: listTagsForResource,
  },
  due: { retention: waits(dropExpired) },
  accepts: { 'log-group': acceptDelivery },
});
