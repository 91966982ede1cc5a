/*
 * AWS SAM: the transform AWS::Serverless-2016-10-31, which expands resources of AWS::Serverless::* into plain
 * CloudFormation. AWS's own is the Python package `aws-sam-translator`; what this gives is checked against it.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
 */
import { TemplateError } from '../template/index.ts';
import { MAX_EXPANDED_VALUES, MAX_RESOURCES } from '../template/limits.ts';
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { expandApi } from './api.ts';
import { expandApplication } from './application.ts';
import { embeddedConnectors, expandConnector } from './connector.ts';
import { refusal, SamFault } from './error.ts';
import { Expansion, NOT_EXPANDED, type SamInputs, type SamResource } from './expansion.ts';
import { expandFunction } from './function.ts';
import { type Globals, readGlobals, withGlobals } from './globals.ts';
import { expandHttpApi } from './http-api.ts';
import { impliedApis } from './implied-apis.ts';
import { expandLayerVersion } from './layer-version.ts';
import { putReferences } from './references.ts';
import { expandSimpleTable } from './simple-table.ts';
import { expandStateMachine } from './state-machine.ts';

export type { SamInputs } from './expansion.ts';

export const SAM_TRANSFORM = 'AWS::Serverless-2016-10-31';

/** In the order in which they are expanded: APIs know of what calls them, and connectors of all others. */
const EXPANDED = new Map<string, (expansion: Expansion, resource: SamResource) => void>([
  ['AWS::Serverless::Function', expandFunction],
  ['AWS::Serverless::StateMachine', expandStateMachine],
  ['AWS::Serverless::Api', expandApi],
  ['AWS::Serverless::HttpApi', expandHttpApi],
  ['AWS::Serverless::LayerVersion', expandLayerVersion],
  ['AWS::Serverless::SimpleTable', expandSimpleTable],
  ['AWS::Serverless::Application', expandApplication],
  ['AWS::Serverless::Connector', expandConnector],
]);

/**
 * Expands a template's document. Throws TemplateError, in SAM's words, that tells all that is wrong with it.
 * The parts that are not SAM's stay as they are, but for references to what SAM makes.
 */
export function expandSam(document: JsonObject, inputs: SamInputs): JsonObject {
  const { expansion, resources } = begin(document, inputs);
  const faults: SamFault[] = [];
  for (const [type, expand] of EXPANDED) {
    for (const resource of resources) {
      if (resource.type === type)
        collect(faults, () => expansion.following(resource.id, () => expand(expansion, resource)));
    }
  }
  for (const { id, type } of resources) if (NOT_EXPANDED.has(type)) faults.push(unsupported(id, type));
  if (faults.length > 0) throw refusal(faults);
  return assemble(document, expansion);
}

interface Begun {
  readonly expansion: Expansion;
  /** The template's own, and those that it implies. */
  readonly resources: readonly SamResource[];
}

function begin(document: JsonObject, inputs: SamInputs): Begun {
  try {
    const globals = readGlobals(document.Globals);
    const expansion = new Expansion(document, readResources(document, globals), inputs);
    return { expansion, resources: impliedApis(expansion, globals) };
  } catch (error) {
    throw error instanceof SamFault ? refusal([error]) : error;
  }
}

/** Takes a step, and keeps what it finds wrong. */
function collect(faults: SamFault[], step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof SamFault)) throw error;
    faults.push(error);
  }
}

const unsupported = (id: string, type: string) =>
  SamFault.ofResource(id, `Carillon does not expand ${type}: the service that it stands for is not there.`);

function readResources(document: JsonObject, globals: Globals): Map<string, SamResource> {
  const { Resources } = document;
  const structure = (words: string) => new SamFault(`Structure of the SAM template is invalid. ${words}`);
  if (!isObject(Resources) || Object.keys(Resources).length === 0) {
    throw structure("'Resources' section is required");
  }
  if (!Object.values(Resources).every(isObject)) {
    throw structure("All 'Resources' must be Objects. If you're using YAML, this may be an indentation issue.");
  }
  const ids = Object.keys(Resources);
  if (ids.length > MAX_RESOURCES) {
    const words = `Number of resources, ${ids.length}, is greater than maximum allowed, ${MAX_RESOURCES}`;
    throw new TemplateError(`Template format error: ${words}`);
  }
  const read = new Map<string, SamResource>();
  let room = MAX_EXPANDED_VALUES;
  for (const id of ids) {
    const resource = Resources[id] as JsonObject;
    for (const one of [readResource(id, resource, globals), ...embeddedConnectors(id, resource)]) {
      read.set(one.id, one);
      room -= sizeOf(one.properties);
      if (room < 0) throw new TemplateError(`Template format error: more than ${MAX_EXPANDED_VALUES} values.`);
    }
  }
  return read;
}

/** How many values a value holds. */
function sizeOf(value: Value | undefined): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((size: number, part: Value) => size + sizeOf(part), 1);
}

function readResource(id: string, resource: JsonObject, globals: Globals): SamResource {
  const { Connectors, ...attributes } = resource;
  const type = String(resource.Type ?? '');
  const properties = withGlobals(resource.Properties, globals.get(type), resource.IgnoreGlobals);
  return { id, type, attributes, properties };
}

function assemble(document: JsonObject, expansion: Expansion): JsonObject {
  const { Globals, Transform, ...sections } = document;
  const conditions = expansion.conditions.size > 0 ? { Conditions: Object.fromEntries(expansion.conditions) } : {};
  const { Outputs } = sections;
  return {
    ...sections,
    ...conditions,
    Resources: putReferences(Object.fromEntries(expansion.resources) as Value, expansion),
    ...(Outputs !== undefined && { Outputs: putReferences(Outputs, expansion) }),
  };
}
