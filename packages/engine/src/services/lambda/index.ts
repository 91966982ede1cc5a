/* AWS Lambda: functions, run in real processes. */
import { defineService, waits } from '../../kernel/service.ts';
import { codeArchive } from './code.ts';
import {
  deleteFunctionConcurrency,
  getAccountSettings,
  getFunctionConcurrency,
  putFunctionConcurrency,
} from './concurrency.ts';
import {
  createFunction,
  deleteFunction,
  getFunction,
  getFunctionCodeSigningConfig,
  getFunctionConfiguration,
  listFunctions,
  listVersionsByFunction,
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
    DeleteFunctionConcurrency: deleteFunctionConcurrency,
    GetAccountSettings: getAccountSettings,
    GetFunction: getFunction,
    GetFunctionCodeSigningConfig: getFunctionCodeSigningConfig,
    GetFunctionConcurrency: getFunctionConcurrency,
    GetFunctionConfiguration: getFunctionConfiguration,
    GetPolicy: getPolicy,
    Invoke: waits(invoke),
    ListFunctions: listFunctions,
    ListTags: listTags,
    ListVersionsByFunction: listVersionsByFunction,
    PutFunctionConcurrency: putFunctionConcurrency,
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
