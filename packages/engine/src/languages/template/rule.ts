/*
 * The Rules section: what the parameters have to be, one with the other.
 * AWS: AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 */
import { TemplateError } from './error.ts';
import { isList, isObject, textOf, type Value } from './value.ts';

export interface Rule {
  readonly condition?: Value;
  readonly assertions: readonly { readonly assert: Value; readonly description?: string }[];
}

/** Reads a member of the section. */
export function readRule(name: string, rule: Value): Rule {
  const assertions = isObject(rule) ? rule.Assertions : undefined;
  if (!isObject(rule) || !isList(assertions) || assertions.length === 0) {
    throw new TemplateError(`Template format error: Rule ${name} must contain a list of Assertions.`);
  }
  return {
    ...(rule.RuleCondition !== undefined && { condition: rule.RuleCondition }),
    assertions: assertions.map((assertion) => {
      if (!isObject(assertion) || assertion.Assert === undefined) {
        throw new TemplateError(
          `Template format error: Every assertion of rule ${name} must contain an Assert member.`,
        );
      }
      const description = textOf(assertion.AssertDescription);
      return { assert: assertion.Assert, ...(description !== undefined && { description }) };
    }),
  };
}
