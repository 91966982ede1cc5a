/* AWS Systems Manager Parameter Store: values by name, in versions. Nothing else of Systems Manager is here. */
import { defineService } from '../../kernel/service.ts';
import { access } from './access.ts';
import { describeParameters } from './describing.ts';
import { labelParameterVersion, unlabelParameterVersion } from './labels.ts';
import { deleteParameter, deleteParameters, expire, putParameter } from './parameters.ts';
import { getParameter, getParameterHistory, getParameters, getParametersByPath } from './reading.ts';
import { resources } from './resources.ts';
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './tags.ts';

export const ssm = defineService({
  name: 'ssm',
  arnName: 'ssm',
  access,
  resources,
  operations: {
    AddTagsToResource: addTagsToResource,
    DeleteParameter: deleteParameter,
    DeleteParameters: deleteParameters,
    DescribeParameters: describeParameters,
    GetParameter: getParameter,
    GetParameterHistory: getParameterHistory,
    GetParameters: getParameters,
    GetParametersByPath: getParametersByPath,
    LabelParameterVersion: labelParameterVersion,
    ListTagsForResource: listTagsForResource,
    PutParameter: putParameter,
    RemoveTagsFromResource: removeTagsFromResource,
    UnlabelParameterVersion: unlabelParameterVersion,
  },
  due: { expiry: expire },
});
