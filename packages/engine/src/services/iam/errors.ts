/* The errors of IAM: codes and statuses of its API model, words as AWS's users report them. */
import { AwsError } from '../../kernel/errors.ts';

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, { status: 404 });
}

export function entityAlreadyExists(message: string): AwsError {
  return new AwsError('EntityAlreadyExists', message, { status: 409 });
}

export function deleteConflict(message: string): AwsError {
  return new AwsError('DeleteConflict', message, { status: 409 });
}

export function limitExceeded(message: string): AwsError {
  return new AwsError('LimitExceeded', message, { status: 409 });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export function checkQuota(name: string, most: number, wanted: number): void {
  if (wanted > most) throw limitExceeded(`Cannot exceed quota for ${name}: ${most}`);
}
