/*
 * Where Lambda would say that a function's code is. Logs and errors name files of the code as they do there, and not
 * by a directory of this machine, which is another in each run.
 */

const TASK_ROOT = '/var/task';

/** The text with the code's own directory written as Lambda's. */
export function asOnLambda(text: string, codeDirectory: string): string {
  return text.includes(codeDirectory) ? text.replaceAll(codeDirectory, TASK_ROOT) : text;
}
