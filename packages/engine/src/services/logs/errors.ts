/* What CloudWatch Logs answers to a user's faults. */
import { AwsError } from '../../kernel/errors.ts';

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function invalidToken(): AwsError {
  return invalidParameter('The specified nextToken is invalid.');
}

export function alreadyExists(noun: 'log group' | 'log stream'): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified ${noun} already exists`);
}

export function notFound(noun: 'log group' | 'log stream' | 'policy' | 'resource'): AwsError {
  return new AwsError('ResourceNotFoundException', `The specified ${noun} does not exist.`);
}
