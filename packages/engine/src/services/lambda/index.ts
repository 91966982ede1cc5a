/* AWS Lambda: functions, run in real processes. */
import { defineService, waits } from '../../kernel/service.ts';
import { codeArchive } from './code.ts';
import {
  createFunction,
  deleteFunction,
  getFunction,
  getFunctionConfiguration,
  listFunctions,
  updateFunctionCode,
  updateFunctionConfiguration,
} from './functions.ts';
import { acceptDelivery, invoke, runQueued } from './invocations.ts';
import { addPermission, getPolicy, removePermission } from './permissions.ts';
import { retire } from './sandboxes.ts';
import { listTags, tagResource, untagResource } from './tags.ts';

export const lambda = defineService({
  name: 'lambda',
  arnName: 'lambda',
  operations: {
    AddPermission: addPermission,
    CreateFunction: waits(createFunction),
    DeleteFunction: deleteFunction,
    GetFunction: getFunction,
    GetFunctionConfiguration: getFunctionConfiguration,
    GetPolicy: getPolicy,
    Invoke: waits(invoke),
    ListFunctions: listFunctions,
    ListTags: listTags,
    RemovePermission: removePermission,
    TagResource: tagResource,
    UntagResource: untagResource,
    UpdateFunctionCode: waits(updateFunctionCode),
    UpdateFunctionConfiguration: updateFunctionConfiguration,
  },
  due: { invocation: waits(runQueued), retire: waits(retire) },
  accepts: { function: acceptDelivery },
  file: codeArchive,
});
