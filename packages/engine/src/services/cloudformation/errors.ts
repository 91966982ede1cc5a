/* CloudFormation's errors: nearly all are one code, told apart by their words. */
import { AwsError } from '../../kernel/errors.ts';
import { TemplateError } from '../../languages/template/index.ts';

export function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function noSuchStack(name: string): AwsError {
  return invalid(`Stack with id ${name} does not exist`);
}

export function alreadyExists(name: string): AwsError {
  return new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
}

/** What `work` gives; what a template did wrong is the client's fault. */
export function asClientFault<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw clientFault(error);
  }
}

export function clientFault(error: unknown): unknown {
  return error instanceof TemplateError ? invalid(error.message) : error;
}
