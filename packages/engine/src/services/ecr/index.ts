/* Amazon ECR: repositories as kept records. There are no images, and no registry to push them to. */
import { defineService } from '../../kernel/service.ts';
import { access } from './access.ts';
import { batchDeleteImage, batchGetImage, describeImages, listImages } from './images.ts';
import * as policies from './policies.ts';
import {
  createRepository,
  deleteRepository,
  describeRepositories,
  putImageScanningConfiguration,
  putImageTagMutability,
} from './repositories.ts';
import { resources } from './resources.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';

export const ecr = defineService({
  name: 'ecr',
  arnName: 'ecr',
  access,
  resources,
  operations: {
    BatchDeleteImage: batchDeleteImage,
    BatchGetImage: batchGetImage,
    CreateRepository: createRepository,
    DeleteLifecyclePolicy: policies.deleteLifecyclePolicy,
    DeleteRepository: deleteRepository,
    DeleteRepositoryPolicy: policies.deleteRepositoryPolicy,
    DescribeImages: describeImages,
    DescribeRepositories: describeRepositories,
    GetLifecyclePolicy: policies.getLifecyclePolicy,
    GetRepositoryPolicy: policies.getRepositoryPolicy,
    ListImages: listImages,
    ListTagsForResource: listTagsForResource,
    PutImageScanningConfiguration: putImageScanningConfiguration,
    PutImageTagMutability: putImageTagMutability,
    PutLifecyclePolicy: policies.putLifecyclePolicy,
    SetRepositoryPolicy: policies.setRepositoryPolicy,
    TagResource: tagResource,
    UntagResource: untagResource,
  },
});
