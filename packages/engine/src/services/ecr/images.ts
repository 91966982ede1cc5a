/* Images: there are none, since nothing can be pushed. What asks for one is told so as AWS tells it. */
import type {
  BatchDeleteImageRequest,
  BatchDeleteImageResponse,
  BatchGetImageRequest,
  BatchGetImageResponse,
  DescribeImagesRequest,
  DescribeImagesResponse,
  ImageFailure,
  ImageIdentifier,
  ListImagesRequest,
  ListImagesResponse,
} from '@aws-sdk/client-ecr';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { find } from './repository.ts';

export function describeImages(ctx: Context, input: DescribeImagesRequest): DescribeImagesResponse {
  const { name, of } = find(ctx, input);
  const [wanted] = input.imageIds ?? [];
  if (!wanted) return { imageDetails: [] };
  const { imageDigest = null, imageTag = null } = wanted;
  throw new AwsError(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${imageDigest}', imageTag:'${imageTag}'} does not exist within the repository with name '${name}' in the registry with id '${of.registryId}'`,
  );
}

export function listImages(ctx: Context, input: ListImagesRequest): ListImagesResponse {
  find(ctx, input);
  return { imageIds: [] };
}

export function batchGetImage(ctx: Context, input: BatchGetImageRequest): BatchGetImageResponse {
  find(ctx, input);
  return { images: [], failures: input.imageIds!.map(failureOf) };
}

export function batchDeleteImage(ctx: Context, input: BatchDeleteImageRequest): BatchDeleteImageResponse {
  find(ctx, input);
  return { imageIds: [], failures: input.imageIds!.map(failureOf) };
}

function failureOf(imageId: ImageIdentifier): ImageFailure {
  return { imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' };
}
