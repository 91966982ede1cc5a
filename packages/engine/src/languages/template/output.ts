/*
 * The Outputs section, and what it exports to other stacks.
 * AWS: AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
 */
import { readDescription } from './description.ts';
import { TemplateError } from './error.ts';
import { MAX_NAME_LENGTH } from './limits.ts';
import { functionIn, isList, isObject, member, type Value } from './value.ts';

export interface Output {
  readonly value: Value;
  readonly description?: string;
  readonly exportName?: Value;
  readonly condition?: string;
}

const EXPORT_NAME =
  'The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens.';

/** Reads a member of the section. */
export function readOutput(name: string, output: Value): Output {
  const value = isObject(output) ? member(output, 'Value') : undefined;
  if (!isObject(output) || value === undefined) {
    throw new TemplateError('Template format error: Every Outputs member must contain a Value object');
  }
  if (isList(value) || (isObject(value) && !functionIn(value))) {
    throw new TemplateError(
      `Template format error: The Value field of every Outputs member must evaluate to a String${isList(value) ? ' and not a List' : ''}.`,
    );
  }
  const { Condition: condition, Export: exported } = output;
  if (condition !== undefined && typeof condition !== 'string') {
    throw new TemplateError('Template format error: Every Condition member must be a string.');
  }
  const description = readDescription(output.Description);
  const exportName = isObject(exported) ? member(exported, 'Name') : undefined;
  if (exported !== undefined && (exportName === undefined || exportName === '' || isList(exportName))) {
    throw new TemplateError(`Template format error: Output ${name} is malformed. ${EXPORT_NAME}`);
  }
  return {
    value,
    ...(description !== undefined && { description }),
    ...(condition !== undefined && { condition }),
    ...(exportName !== undefined && { exportName }),
  };
}

/** Throws TemplateError unless an export's name, resolved, is one that AWS takes. */
export function checkExportName(output: string, name: string): void {
  if (/^[A-Za-z0-9:-]+$/.test(name) && name.length <= MAX_NAME_LENGTH) return;
  throw new TemplateError(`Template format error: Output ${output} is malformed. ${EXPORT_NAME}`);
}
