/*
 * A template while SAM expands it: what was given, and the resources, conditions and names that have been made so far.
 */

import { functionIn, isList, isObject, type JsonObject, textOf, type Value } from '../template/value.ts';
import type { Route } from './route.ts';
import { compact, hashOf, type Members, sub } from './values.ts';

/** What is known of the stack. */
export interface SamInputs {
  /** The values of the stack's parameters, by name; of those left out, the template's defaults count. */
  readonly parameters: JsonObject;
  readonly region: string;
  readonly partition: string;
}

/** A resource, as it stands in a template. */
export interface SamResource {
  readonly id: string;
  readonly type: string;
  readonly attributes: JsonObject;
  /** Not checked yet. */
  readonly properties: Value | undefined;
}

const kinds = (names: string) => new Set(names.split(' ').map((name) => `AWS::Serverless::${name}`));

/** The types that SAM expands; all others stay as they are. */
const EXPANDED = kinds('Api Application Connector Function HttpApi LayerVersion SimpleTable StateMachine');

/** Types of SAM that stand for services which are not there. */
export const NOT_EXPANDED = kinds('CapacityProvider GraphQLApi MicrovmImage NetworkConnector WebSocketApi');

/** Attributes that all have which come from one resource of SAM. */
const INHERITED = ['Condition', 'DeletionPolicy', 'UpdateReplacePolicy'];
const KEPT = [...INHERITED, 'DependsOn', 'Metadata'];

const chosen = (attributes: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(attributes, name)).map((name) => [name, attributes[name]!]));

/** What all that comes from a resource inherits of it. */
export const inherited = ({ attributes }: SamResource): JsonObject => chosen(attributes, INHERITED);

/** What the resource keeps that takes its place. */
export const kept = ({ attributes }: SamResource): JsonObject => chosen(attributes, KEPT);

/** What `Hello.Version` and its like mean, by the types of what comes from a resource. */
const REFERENCES: Readonly<Record<string, string>> = {
  'AWS::Lambda::Version': 'Version',
  'AWS::Lambda::Alias': 'Alias',
  'AWS::SNS::Topic': 'DestinationTopic',
  'AWS::SQS::Queue': 'DestinationQueue',
  'AWS::ApiGateway::Deployment': 'Deployment',
  'AWS::ApiGateway::Stage': 'Stage',
  'AWS::ApiGatewayV2::Stage': 'Stage',
};

const VARIABLE = /\$\{([A-Za-z0-9:]+)\}/g;

export class Expansion {
  readonly inputs: SamInputs;
  /** The template's resources as they were given, with Globals in them. */
  readonly given: ReadonlyMap<string, SamResource>;
  /** Those of the template that is made. */
  readonly resources = new Map<string, JsonObject>();
  readonly conditions = new Map<string, Value>();
  /** `Hello.Version` to the logical id that it means. */
  readonly references = new Map<string, string>();
  /** Logical ids that have changed. */
  readonly renamed = new Map<string, string>();
  /** The routes of each API, by its logical id. */
  readonly routes = new Map<string, readonly Route[]>();
  /** By the resource that is being expanded. */
  #added: string[] = [];
  readonly #parameters: ReadonlyMap<string, Value>;

  constructor(document: JsonObject, given: ReadonlyMap<string, SamResource>, inputs: SamInputs) {
    this.inputs = inputs;
    this.given = given;
    this.#parameters = parameterValues(document, inputs);
    for (const [name, condition] of Object.entries(sectionOf(document, 'Conditions'))) {
      this.conditions.set(name, condition);
    }
    for (const { id, type, attributes } of given.values()) {
      if (!EXPANDED.has(type)) this.resources.set(id, attributes);
    }
  }

  /** Adds a resource. Properties that are undefined are left out. Returns its logical id. */
  add(id: string, type: string, properties: Members, attributes: JsonObject = {}): string {
    this.resources.set(id, { Type: type, ...attributes, Properties: compact(properties) });
    this.#added.push(id);
    return id;
  }

  /** Expands a resource, and makes what comes from it known by the names that templates have for it. */
  following(id: string, expand: () => void): void {
    this.#added = [];
    expand();
    for (const made of this.#added) {
      const name = REFERENCES[String(this.resources.get(made)!.Type)];
      if (name !== undefined) this.references.set(`${id}.${name}`, made);
    }
  }

  /** Sets members of the properties of a resource that is there. */
  change(id: string, change: (properties: JsonObject) => JsonObject, attributes: JsonObject = {}): void {
    const resource = this.resources.get(id)!;
    const properties = isObject(resource.Properties) ? resource.Properties : {};
    this.resources.set(id, { ...resource, ...attributes, Properties: change(properties) });
  }

  /** A value with those of parameters where it refers to them, by `Ref` or in the text of `Fn::Sub`. */
  resolve(value: Value): Value {
    if (isList(value)) return value.map((part) => this.resolve(part));
    const call = functionIn(value);
    if (call?.name === 'Ref') return this.#parameters.get(String(call.argument)) ?? value;
    if (call?.name === 'Fn::Sub' && typeof call.argument === 'string') return sub(this.#resolveText(call.argument));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.resolve(part)]));
  }

  #resolveText(text: string): string {
    return text.replace(VARIABLE, (whole, name: string) => textOf(this.#parameters.get(name)) ?? whole);
  }

  /** The name of a condition that holds where another does not. `suffix` keeps it apart from others. */
  negation(condition: string, suffix?: string): string {
    const name = `NOT${condition}${suffix === undefined ? '' : hashOf(suffix)}`;
    this.conditions.set(name, { 'Fn::Not': [{ Condition: condition }] });
    return name;
  }

  /** `arn:aws:iam::aws:policy/…` */
  managedPolicyArn(path: string): string {
    return `arn:${this.inputs.partition}:iam::aws:policy/${path}`;
  }
}

function parameterValues(document: JsonObject, { parameters, region, partition }: SamInputs): Map<string, Value> {
  const values = new Map<string, Value>([
    ['AWS::Region', region],
    ['AWS::Partition', partition],
  ]);
  for (const [name, parameter] of Object.entries(sectionOf(document, 'Parameters'))) {
    if (isObject(parameter) && parameter.Default !== undefined) values.set(name, parameter.Default);
  }
  for (const [name, value] of Object.entries(parameters)) values.set(name, value);
  return values;
}

/** A section of a template; empty where it is absent. */
export function sectionOf(document: JsonObject, name: string): JsonObject {
  const section = document[name];
  return isObject(section) ? section : {};
}
