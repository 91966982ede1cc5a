/* What KMS answers to a user's faults. */
import { AwsError } from '../../kernel/errors.ts';

export function notFound(what: string): AwsError {
  return new AwsError('NotFoundException', what);
}

export function invalidState(keyArn: string, state: string): AwsError {
  const words = { PendingDeletion: 'pending deletion', Disabled: 'disabled' }[state] ?? 'not pending deletion';
  return new AwsError('KMSInvalidStateException', `${keyArn} is ${words}.`);
}

export function unsupported(message: string): AwsError {
  return new AwsError('UnsupportedOperationException', message);
}

export function invalidMarker(): AwsError {
  return new AwsError('InvalidMarkerException', 'The marker is not valid.');
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
