/*
 * The Mappings section: texts and lists of texts, by two keys.
 * AWS: AWSCloudFormation/latest/UserGuide/mappings-section-structure.html
 */
import { TemplateError } from './error.ts';
import { MAX_MAPPING_ATTRIBUTES } from './limits.ts';
import { isList, isObject, type Value } from './value.ts';

/** Throws TemplateError unless a member of the section is a map of maps. */
export function checkMapping(name: string, map: Value): void {
  if (!isObject(map)) throw new TemplateError(`Template format error: Every Mappings member ${name} must be a map`);
  const keys = Object.entries(map);
  if (keys.length > MAX_MAPPING_ATTRIBUTES) throw tooManyAttributes(keys.length);
  for (const [key, attributes] of keys) {
    if (!isObject(attributes)) {
      throw new TemplateError(`Template format error: Every Mappings member ${key} must be a map`);
    }
    const values = Object.values(attributes);
    if (values.length > MAX_MAPPING_ATTRIBUTES) throw tooManyAttributes(values.length);
    if (values.some((value) => isObject(value) || (isList(value) && value.some((item) => typeof item === 'object')))) {
      throw new TemplateError('Template format error: Every Mappings attribute must be a String or a List.');
    }
  }
}

const tooManyAttributes = (count: number) =>
  new TemplateError(
    `Template format error: Number of mapping attributes, ${count}, is greater than maximum allowed, ${MAX_MAPPING_ATTRIBUTES}`,
  );
