/* What SNS answers to a user's faults. Codes are the shapes' names; on the wire each has its own, such as `NotFound`. */
import { AwsError } from '../../kernel/errors.ts';

/** `Invalid parameter: …` */
export function invalidParameter(what: string): AwsError {
  return new AwsError('InvalidParameterException', `Invalid parameter: ${what}`);
}

/** Of message attributes. */
export function invalidValue(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}

export function notFound(what: string): AwsError {
  return new AwsError('NotFoundException', `${what} does not exist`, { status: 404 });
}

export function resourceNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', 'Resource does not exist', { status: 404 });
}

/** Of an attribute's value: at `Subscribe` and `CreateTopic` AWS says first that it is about the attributes. */
export class AttributeError extends Error {
  override name = 'AttributeError';
}

/** Runs checks of attributes, and tells of a violation in AWS's words: `where` is what goes before them. */
export function checking<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof AttributeError) throw invalidParameter(where + error.message);
    throw error;
  }
}

/** The JSON object that an attribute is. Throws AttributeError. */
export function readObject(name: string, text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AttributeError(`${name}: failed to parse JSON.`);
}

/** Throws unless a text is `true` or `false`. */
export function checkFlag(name: string, text: string): void {
  if (/^(true|false)$/i.test(text)) return;
  throw new AttributeError(`${name}: Invalid value [${text}]. Must be true or false.`);
}
