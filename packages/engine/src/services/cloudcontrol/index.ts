/* AWS Cloud Control API: resources of all types by five operations, over the handlers that CloudFormation uses. */
import { defineService, waits } from '../../kernel/service.ts';
import { access } from './access.ts';
import { cancelResourceRequest, getResourceRequestStatus, listResourceRequests } from './requests.ts';
import { createResource, deleteResource, getResource, listResources, updateResource } from './resources.ts';
import { forget, work } from './work.ts';

export const cloudcontrol = defineService({
  name: 'cloudcontrol',
  arnName: 'cloudcontrolapi',
  access,
  operations: {
    CancelResourceRequest: cancelResourceRequest,
    CreateResource: createResource,
    DeleteResource: deleteResource,
    GetResource: waits(getResource),
    GetResourceRequestStatus: getResourceRequestStatus,
    ListResourceRequests: listResourceRequests,
    ListResources: waits(listResources),
    UpdateResource: waits(updateResource),
  },
  due: { forget, request: waits(work) },
});
