/* What a function's call may ask of what surrounds it. */
import type { Value } from './value.ts';

export interface Scope {
  /** What `Ref` gives: a parameter, a pseudo parameter or a resource; undefined for AWS::NoValue. */
  reference(id: string): Value | undefined;
  /** What Fn::GetAtt gives. */
  attribute(id: string, attribute: string): Value;
  /** What a name in Fn::Sub gives. */
  named(name: { id: string; attribute?: string }): Value | undefined;
  /** Whether a condition holds. */
  holds(condition: string): boolean;
  /** A value of the Mappings section; undefined where a key is not there. */
  mapping(map: string, topLevelKey: string, secondLevelKey: string): Value | undefined;
  /** The zones of a region; of the stack's own for an empty name. */
  availabilityZones(region: string): Value;
  /** What another stack exports. */
  importValue(name: string): Value;
  /** The values of all parameters of a type. */
  valuesOfType(parameterType: string): readonly Value[];
  /** The value itself, counted towards how much text a template may come to. */
  counted<T extends Value | undefined>(value: T): T;
}
