/* What SQS answers to a user's faults. Codes are the shapes' names; the query protocol has its own for some of them. */
import { AwsError } from '../../kernel/errors.ts';

export function queueDoesNotExist(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

/** `Value 11 for parameter MaxNumberOfMessages is invalid. Reason: …` */
export function invalidValue(value: unknown, parameter: string, reason: string): AwsError {
  return invalidParameter(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function missingParameter(parameter: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}

export function unknownAttribute(name: string): AwsError {
  return new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
}

export function invalidAttributeValue(name: string, reason?: string): AwsError {
  const why = reason === undefined ? '' : ` Reason: ${reason}`;
  return new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.${why}`);
}

/** Throws unless a number, where one is given, is within bounds; `reason` are AWS's words. */
export function checkRange(
  value: number | undefined,
  [least, most]: readonly [number, number],
  parameter: string,
  reason: string,
): void {
  if (value !== undefined && (value < least || value > most)) throw invalidValue(value, parameter, reason);
}

/** Why a parameter of the one type of queue is refused by the other. */
export const WRONG_TYPE = 'The request include parameter that is not valid for this queue type.';

/** Throws unless an id that a client gives to a group, message or attempt, where there is one, has AWS's form. */
export function checkToken(token: string | undefined, parameter: string): void {
  if (token === undefined || /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/.test(token)) return;
  const words = `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;
  throw invalidValue(token, parameter, words);
}
