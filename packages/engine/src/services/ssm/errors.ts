/* What Parameter Store answers to a user's faults. */
import { AwsError } from '../../kernel/errors.ts';

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** AWS gives it no message. */
export function parameterNotFound(): AwsError {
  return new AwsError('ParameterNotFound', '');
}

/** One of the parameters that AWS itself publishes: images, regions, secrets of Secrets Manager. */
export function noPublicParameter(name: string): AwsError {
  return new AwsError(
    'ParameterNotFound',
    `Carillon has none of the parameters that AWS publishes, such as ${name}: put one of your own, and name that.`,
  );
}

export function versionNotFound(name: string, selector: string | number): AwsError {
  return new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
  );
}

export function invalidToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The specified token is not valid.');
}

export function invalidResourceId(id: string): AwsError {
  return new AwsError('InvalidResourceId', `The resource ID "${id}" is not valid. Verify the ID and try again.`);
}
