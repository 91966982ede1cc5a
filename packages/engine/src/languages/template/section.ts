/*
 * The members of a template's section: their names and how many there may be. Where transforms have yet to work on the
 * template, calls of macros stand among them, and are passed over.
 */
import { TemplateError } from './error.ts';
import { MAX_NAME_LENGTH } from './limits.ts';
import { isObject, type JsonObject, member, type Value } from './value.ts';

/** How a section is called in AWS's words, and how many members it may have. */
export interface SectionRules {
  /** The section's name, as a key of the template. */
  readonly section: string;
  readonly plural: string;
  readonly singular: string;
  readonly most?: number;
}

/** Reads a section's members, each by `read`. Throws TemplateError in AWS's words. */
export function readSection<T>(
  document: JsonObject,
  rules: SectionRules,
  unprocessed: boolean,
  read: (name: string, value: Value) => T,
): ReadonlyMap<string, T> {
  const section = member(document, rules.section);
  if (section === undefined) return new Map();
  if (!isObject(section)) throw new TemplateError(`Template ${rules.plural} must be a map`);
  const members = new Map<string, T>();
  for (const [name, value] of Object.entries(section)) {
    if (unprocessed && isUnwritten(name, value)) continue;
    checkName(name, rules);
    members.set(name, read(name, value));
  }
  if (rules.most !== undefined && members.size > rules.most) {
    throw new TemplateError(
      `Template format error: Number of ${rules.plural}, ${members.size}, is greater than maximum allowed, ${rules.most}`,
    );
  }
  return members;
}

/** Whether a macro or a loop has yet to write this member. */
function isUnwritten(name: string, value: Value): boolean {
  if (name === 'Fn::Transform' || name.startsWith('Fn::ForEach::')) return true;
  return isObject(value) && 'Fn::Transform' in value && !('Type' in value || 'Value' in value);
}

function checkName(name: string, { singular }: SectionRules): void {
  if (name.length > MAX_NAME_LENGTH) {
    throw new TemplateError(
      `Template format error: ${singular} name ${name} is longer than ${MAX_NAME_LENGTH} characters.`,
    );
  }
  if (!/^[A-Za-z0-9]+$/.test(name)) {
    throw new TemplateError(`Template format error: ${singular} name ${name} is non alphanumeric.`);
  }
}
