/*
 * The calls of functions in a value, checked without resolving them: which may stand where, the shape of their
 * arguments, and that what they refer to is there.
 */
import { NO_CONDITION, PREDICATES } from './conditions.ts';
import { attributePath } from './document.ts';
import { TemplateError } from './error.ts';
import { FUNCTIONS, type IntrinsicFunction } from './functions.ts';
import { visitReferences } from './references.ts';
import { namesIn, splitName, substitution } from './substitution.ts';
import { functionIn, isList, member, textOf, type Value } from './value.ts';

/** What a template declares, by which references are checked. */
export interface Declarations {
  readonly parameters: { has(name: string): boolean };
  readonly resources: { has(name: string): boolean };
  readonly conditions: { has(name: string): boolean };
  readonly mappings: { has(name: string): boolean };
  /** Whether the functions of AWS::LanguageExtensions are at hand. */
  readonly extended: boolean;
}

/** The pseudo parameters. */
export const PSEUDO_PARAMETERS: ReadonlySet<string> = new Set(
  ['AccountId', 'NotificationARNs', 'NoValue', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map(
    (name) => `AWS::${name}`,
  ),
);

type Section = 'Resources' | 'Outputs' | 'Conditions' | 'Rules';

/** Checks the calls in the values of one section of a template; the references that lead nowhere are kept for the end. */
export class Checker {
  readonly #section: Section;
  readonly #declared: Declarations;
  readonly #unresolved = new Set<string>();

  constructor(section: Section, declared: Declarations) {
    this.#section = section;
    this.#declared = declared;
  }

  /** Throws TemplateError on a call that may not stand here or has no right shape. */
  value(value: Value): void {
    if (typeof value !== 'object' || value === null) return;
    if (isList(value)) {
      for (const item of value) this.value(item);
      return;
    }
    const called = functionIn(value);
    if (called) this.#call(called.name, called.argument);
    else for (const name in value) this.value((value as Record<string, Value>)[name]!);
  }

  /** A value that has to come to true or false. */
  predicate(value: Value): void {
    const called = functionIn(value);
    const predicate = called && PREDICATES.get(called.name);
    if (!called || !predicate || (predicate.onlyInRules && this.#section !== 'Rules')) {
      throw new TemplateError(NO_CONDITION);
    }
    predicate.check(called.argument);
    if (called.name === 'Condition') this.condition(called.argument as string);
    else this.#operands(called.argument);
  }

  #operands(argument: Value): void {
    if (!isList(argument)) return;
    for (const operand of argument) {
      if (PREDICATES.has(functionIn(operand)?.name ?? '')) this.predicate(operand);
      else this.value(operand);
    }
  }

  /** The name of a condition that has to be there. */
  condition(name: string): void {
    if (this.#declared.conditions.has(name)) return;
    throw new TemplateError(
      `Template format error: Unresolved condition dependency ${name} in the ${this.#section} block of the template`,
    );
  }

  /** The name of a resource that has to be there. */
  resource(name: string): void {
    if (!this.#declared.resources.has(name)) this.#unresolved.add(name);
  }

  /** Throws TemplateError when references of the section led nowhere. */
  end(): void {
    if (this.#unresolved.size === 0) return;
    const names = `[${[...this.#unresolved].join(', ')}]`;
    throw new TemplateError(
      this.#knowsResources
        ? `Template format error: Unresolved resource dependencies ${names} in the ${this.#section} block of the template`
        : `Template format error: Unresolved dependencies ${names}. Cannot reference resources in the ${this.#section} block of the template`,
    );
  }

  get #knowsResources(): boolean {
    return this.#section === 'Resources' || this.#section === 'Outputs';
  }

  #call(name: string, argument: Value): void {
    if (name === 'Condition') {
      this.value(argument);
      return;
    }
    const definition = FUNCTIONS.get(name);
    if (!definition || (definition.extension && !this.#declared.extended)) throw unsupported(name);
    this.#allowed(name, definition);
    definition.check(argument);
    if (name === 'Ref' && typeof argument === 'string') this.#reference(argument);
    else if (name === 'Fn::GetAtt') this.#attribute(argument);
    else if (name === 'Fn::Sub') this.#substitution(argument);
    else if (name === 'Fn::If') this.#choice(argument);
    else if (name === 'Fn::FindInMap') this.#mapping(argument);
    else if (name === 'Fn::ImportValue') this.#import(argument);
    else this.value(argument);
  }

  #allowed(name: string, definition: IntrinsicFunction): void {
    if (definition.onlyInRules && this.#section !== 'Rules') throw unsupported(name);
    if (this.#knowsResources) return;
    if (name === 'Fn::ImportValue') throw new TemplateError(`Template error: Cannot use ${name} in ${this.#section}.`);
  }

  #reference(name: string): void {
    if (this.#declared.parameters.has(name) || PSEUDO_PARAMETERS.has(name)) return;
    if (!this.#knowsResources || !this.#declared.resources.has(name)) this.#unresolved.add(name);
  }

  #attribute(argument: Value): void {
    const path = typeof argument === 'string' ? attributePath(argument) : argument;
    if (!isList(path)) return;
    const id = textOf(path[0]);
    if (id !== undefined)
      this.#attributeOf(id, () => `Template error: instance of Fn::GetAtt references undefined resource ${id}`);
    this.value(path);
  }

  #attributeOf(id: string, words: () => string): void {
    if (!this.#knowsResources) this.#unresolved.add(id);
    else if (!this.#declared.resources.has(id)) throw new TemplateError(words());
  }

  #substitution(argument: Value): void {
    const { text, variables } = substitution(argument);
    for (const name of namesIn(text)) {
      if (member(variables, name) !== undefined) continue;
      const { id, attribute } = splitName(name);
      if (attribute === undefined) this.#reference(id);
      else
        this.#attributeOf(
          id,
          () => `Template error: instance of Fn::Sub references invalid resource attribute ${name}`,
        );
    }
    this.value(variables);
  }

  #mapping(argument: Value): void {
    const [map, ...rest] = argument as readonly Value[];
    if (rest.length === 3 && !this.#declared.extended) throw unsupported('DefaultValue in Fn::FindInMap');
    if (typeof map === 'string' && rest.length < 3 && !this.#declared.mappings.has(map)) {
      throw new TemplateError(
        `Template error: Mapping named '${map}' is not present in the 'Mappings' section of template.`,
      );
    }
    this.value(argument);
  }

  #import(argument: Value): void {
    visitReferences(argument, ({ id }) => {
      if (!this.#declared.resources.has(id)) return;
      throw new TemplateError(
        'Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs',
      );
    });
    this.value(argument);
  }

  #choice(argument: Value): void {
    const [condition, ...branches] = argument as readonly Value[];
    if (!this.#declared.conditions.has(condition as string)) {
      throw new TemplateError(`Template error: unresolved condition dependency ${condition} in Fn::If`);
    }
    for (const branch of branches) this.value(branch);
  }
}

function unsupported(name: string): TemplateError {
  const supported = [...FUNCTIONS.keys(), ...PREDICATES.keys()].join(', ');
  return new TemplateError(
    `Template error: Encountered unsupported function: ${name} Supported functions are: [${supported}]`,
  );
}
