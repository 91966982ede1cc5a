/* What S3 answers to a user's faults, in its own words (Amazon S3 API Reference, "Error responses"). */
import { AwsError } from '../../kernel/errors.ts';

export function noSuchBucket(bucket: string): AwsError {
  const members = { BucketName: bucket };
  return new AwsError('NoSuchBucket', 'The specified bucket does not exist', { status: 404, members });
}

export function noSuchKey(key: string): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404, members: { Key: key } });
}

export function noSuchVersion(key: string, versionId: string): AwsError {
  const members = { Key: key, VersionId: versionId };
  return new AwsError('NoSuchVersion', 'The specified version does not exist.', { status: 404, members });
}

export function noSuchUpload(uploadId: string): AwsError {
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  return new AwsError('NoSuchUpload', message, { status: 404, members: { UploadId: uploadId } });
}

export function invalidArgument(message: string, name?: string, value?: unknown): AwsError {
  const members = name === undefined ? {} : { ArgumentName: name, ArgumentValue: value ?? '' };
  return new AwsError('InvalidArgument', message, { members });
}

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequest', message);
}

export function malformedXml(): AwsError {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  return new AwsError('MalformedXML', message);
}

export function accessDenied(message = 'Access Denied'): AwsError {
  return new AwsError('AccessDenied', message, { status: 403 });
}

export function preconditionFailed(condition: string): AwsError {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new AwsError('PreconditionFailed', message, { status: 412, members: { Condition: condition } });
}
