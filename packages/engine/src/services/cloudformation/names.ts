/* The names that CloudFormation gives to what a template does not name: `<stack>-<logical id>-<random>`. */
import type { Ids } from '../../kernel/ids.ts';
import type { GeneratedName, Properties } from '../../kernel/service.ts';

const RANDOM = 12;

/** A physical id for what has none of its own. */
export function generatedId(ids: Ids, stackName: string, logicalId: string): string {
  return `${stackName}-${logicalId}-${ids.upper(RANDOM)}`;
}

/** Properties with a name: the template's, or one that fits. */
export function named(
  ids: Ids,
  stackName: string,
  logicalId: string,
  name: GeneratedName,
  properties: Properties,
): Properties {
  if (properties[name.property] !== undefined) return properties;
  if (name.bare) return { ...properties, [name.property]: logicalId.slice(0, name.most) };
  const end = `-${ids.upper(RANDOM)}${name.suffix?.(properties) ?? ''}`;
  const room = name.most - end.length;
  const [stack, logical] = fit(stackName, logicalId, room);
  const text = `${stack}-${logical}`.slice(0, room).replace(/-+$/, '') + end;
  return { ...properties, [name.property]: name.lowerCase ? text.toLowerCase() : text };
}

/** Both parts cut evenly, as far as they are longer than their half. */
function fit(stack: string, logical: string, room: number): [string, string] {
  const half = Math.floor((room - 1) / 2);
  if (stack.length + 1 + logical.length <= room) return [stack, logical];
  if (stack.length <= half) return [stack, logical.slice(0, room - 1 - stack.length)];
  if (logical.length <= half) return [stack.slice(0, room - 1 - logical.length), logical];
  return [stack.slice(0, half), logical.slice(0, room - 1 - half)];
}
