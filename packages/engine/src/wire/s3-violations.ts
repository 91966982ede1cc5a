/*
 * What S3 says to values that its shapes do not allow: of a document, that it is malformed; of a header or parameter,
 * words of its own.
 *
 * Amazon S3 API Reference, "Error responses", "List of error codes".
 */
import { AwsError } from '../kernel/errors.ts';

const MALFORMED = 'The XML you provided was not well-formed or did not validate against our published schema';

/** Members that are a request's body. */
const DOCUMENTS =
  /^(delete|policy|tagging|retention|legalHold|multipartUpload|.+(Configuration|Controls|LoggingStatus))$/;

const WORDS: Readonly<Record<string, readonly [code: string, message: string, argument?: string]>> = {
  encodingType: ['InvalidArgument', 'Invalid Encoding Method specified in Request', 'encoding-type'],
  metadataDirective: ['InvalidArgument', 'Unknown metadata directive.', 'x-amz-metadata-directive'],
  objectLockLegalHoldStatus: ['InvalidArgument', 'Legal Hold must be either of ON or OFF'],
  objectLockMode: ['InvalidArgument', 'Unknown wormMode directive.'],
  serverSideEncryption: ['InvalidArgument', 'The encryption method specified is not supported'],
  storageClass: ['InvalidStorageClass', 'The storage class you specified is not valid'],
  taggingDirective: ['InvalidArgument', 'Unknown tagging directive.', 'x-amz-tagging-directive'],
};

/** What is told of a value at a path; null where the operation itself tells, undefined where the common words do. */
export function s3Violation(path: readonly (string | number)[]): AwsError | null | undefined {
  const [first = '', ...rest] = path;
  // AWS's model lacks canned lists that its service has.
  if (first === 'aCL') return null;
  if (first === 'notificationConfiguration' && /filterRules|events/.test(rest.join('.'))) return null;
  if (rest.length > 0) return new AwsError('MalformedXML', MALFORMED);
  if (DOCUMENTS.test(String(first))) return new AwsError('MissingRequestBodyError', 'Request Body is empty');
  const [code, message, argument] = WORDS[first] ?? [];
  if (code === undefined) return undefined;
  return new AwsError(code, message!, { members: argument === undefined ? {} : { ArgumentName: argument } });
}
