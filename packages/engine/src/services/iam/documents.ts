/* Policy documents: checked when they come, percent-encoded when they go, measured without their white space. */
import { AwsError } from '../../kernel/errors.ts';
import { PolicyError, type PolicyKind, validatePolicy } from '../../languages/iam-policy/index.ts';

/** Throws AWS's MalformedPolicyDocument for a document that is not a policy of its kind. */
export function checkDocument(document: string, kind: PolicyKind): void {
  try {
    validatePolicy(document, kind);
  } catch (error) {
    if (error instanceof PolicyError) throw new AwsError('MalformedPolicyDocument', error.message);
    throw error;
  }
}

/** URL-encoded by RFC 3986, as https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html says. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** IAM counts no white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export function sizeOf(document: string): number {
  return document.replace(/\s+/g, '').length;
}
