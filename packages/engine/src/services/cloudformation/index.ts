/* AWS CloudFormation: stacks of resources, made from templates. */
import { defineService, waits } from '../../kernel/service.ts';
import { access } from './access.ts';
import {
  createChangeSet,
  deleteChangeSet,
  describeChangeSet,
  executeChangeSet,
  listChangeSets,
} from './change-sets.ts';
import {
  describeStackDriftDetectionStatus,
  describeStackResourceDrifts,
  detectStackDrift,
  detectStackResourceDrift,
} from './drift.ts';
import { describeEvents, describeStackEvents } from './events.ts';
import { listExports, listImports } from './exports.ts';
import { operate } from './operations.ts';
import { describeStackResource, describeStackResources, listStackResources } from './resources.ts';
import { receiveResponse } from './responses.ts';
import {
  cancelUpdateStack,
  continueUpdateRollback,
  createStack,
  deleteStack,
  describeStacks,
  getStackPolicy,
  listStacks,
  rollbackStack,
  setStackPolicy,
  updateStack,
  updateTerminationProtection,
} from './stacks.ts';
import {
  describeAccountLimits,
  describeType,
  estimateTemplateCost,
  getTemplate,
  getTemplateSummary,
  validateTemplate,
} from './templates.ts';
import { signalResource } from './wait-conditions.ts';

/** So many stacks are worked on at once; one that waits for another counts too. */
const OPERATIONS_AT_ONCE = 1_000;

export const cloudformation = defineService({
  name: 'cloudformation',
  arnName: 'cloudformation',
  access,
  operations: {
    CancelUpdateStack: cancelUpdateStack,
    ContinueUpdateRollback: continueUpdateRollback,
    CreateChangeSet: waits(createChangeSet),
    CreateStack: waits(createStack),
    DeleteChangeSet: deleteChangeSet,
    DeleteStack: deleteStack,
    DescribeAccountLimits: describeAccountLimits,
    DescribeChangeSet: describeChangeSet,
    DescribeEvents: describeEvents,
    DescribeStackDriftDetectionStatus: describeStackDriftDetectionStatus,
    DescribeStackEvents: describeStackEvents,
    DescribeStackResource: describeStackResource,
    DescribeStackResourceDrifts: describeStackResourceDrifts,
    DescribeStackResources: describeStackResources,
    DescribeStacks: describeStacks,
    DescribeType: describeType,
    DetectStackDrift: waits(detectStackDrift),
    DetectStackResourceDrift: waits(detectStackResourceDrift),
    EstimateTemplateCost: estimateTemplateCost,
    ExecuteChangeSet: executeChangeSet,
    GetStackPolicy: getStackPolicy,
    GetTemplate: getTemplate,
    GetTemplateSummary: waits(getTemplateSummary),
    ListChangeSets: listChangeSets,
    ListExports: listExports,
    ListImports: listImports,
    ListStackResources: listStackResources,
    ListStacks: listStacks,
    RollbackStack: rollbackStack,
    SetStackPolicy: waits(setStackPolicy),
    SignalResource: signalResource,
    UpdateStack: waits(updateStack),
    UpdateTerminationProtection: updateTerminationProtection,
    ValidateTemplate: waits(validateTemplate),
  },
  due: { operation: waits(operate, { concurrency: OPERATIONS_AT_ONCE }) },
  web: { serve: receiveResponse },
});
