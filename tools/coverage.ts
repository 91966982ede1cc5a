/*
 * Writes docs/reference/coverage.md: every operation of each service's API and every resource type of CloudFormation
 * that goes with them, and whether Carillon has it. It is read off the definitions of the services and AWS's own models,
 * so that it can't say what is not so.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResourceType, ServiceDefinition } from '../packages/engine/src/kernel/service.ts';
import { type PropertySchemas, schemaOf } from '../packages/engine/src/languages/resource-schema/index.ts';
import { OWN_TYPES } from '../packages/engine/src/services/cloudformation/own-types.ts';
import { services } from '../packages/engine/src/services.ts';
import { loadModel, type ServiceModel } from '../packages/engine/src/wire/model.ts';
import { awsTypes } from './resource-types.ts';

export const page = fileURLToPath(new URL('../docs/reference/coverage.md', import.meta.url));

/** The page, in Markdown. */
export async function coverage(definitions: readonly ServiceDefinition[] = services): Promise<string> {
  const chapters = await Promise.all(
    definitions.map(async (definition) => chapterOf(definition, await loadModel(definition.name))),
  );
  chapters.sort((a, b) => a.title.localeCompare(b.title, 'en'));
  const index = chapters.map(
    ({ title, supported, all }) => `| [${title}](#${anchor(title)}) | ${supported} | ${all} |`,
  );
  const parts = [
    '# Coverage',
    'What Carillon answers of each API. `npm run coverage` writes this page from the services themselves.',
    ['| Service | Supported | Of |', '| --- | ---: | ---: |', ...index].join('\n'),
    'Templates may hold the [resource types](#resource-types) at the end of this page.',
    ...chapters.map(({ text }) => text),
    resourceTypes(definitions),
  ];
  return `${parts.join('\n\n')}\n`;
}

function chapterOf({ operations }: ServiceDefinition, model: ServiceModel) {
  const names = [...model.operations.keys()].sort();
  const has = (name: string) => Object.hasOwn(operations, name);
  const unknown = Object.keys(operations).find((name) => !model.operations.has(name));
  if (unknown !== undefined) throw new Error(`${model.serviceId} has no operation ${unknown}.`);
  const supported = names.filter(has).length;
  const rows = names.map((name) => `| ${name} | ${has(name) ? 'supported' : 'not yet'} |`);
  const text = [
    `## ${model.serviceId}`,
    `${supported} of ${names.length} operations.`,
    ['| Operation | |', '| --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
  return { title: model.serviceId, supported, all: names.length, text };
}

/** The types of CloudFormation that belong to services which Carillon has, and the properties that each lacks. */
function resourceTypes(definitions: readonly ServiceDefinition[]): string {
  const types = new Map(definitions.flatMap(({ resources = {} }) => Object.entries(resources)));
  const known = [...types.keys(), ...OWN_TYPES];
  const families = new Set(known.map(familyOf));
  const names = new Set([...known, ...awsTypes().filter((name) => families.has(familyOf(name)))]);
  const rows = [...names].sort().map((name) => {
    const type = types.get(name);
    const state = type || OWN_TYPES.includes(name) ? 'supported' : 'not yet';
    return `| ${name} | ${state} | ${type ? lacking(name, type).join(', ') : ''} |`;
  });
  return [
    '## Resource types',
    `${known.length} of CloudFormation's, and \`Custom::*\`. What a template asks for beyond them is refused by name.`,
    ['| Type | | Properties not yet supported |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

const familyOf = (name: string) => name.split('::').slice(0, 2).join('::');

/** Properties, and members of those of which only a part is taken. */
function lacking(name: string, { properties: supported }: ResourceType): string[] {
  const { properties, definitions } = schemaOf(name)!;
  const visit = (members: PropertySchemas, prefix: string): string[] =>
    Object.entries(members).flatMap(([member, { is }]) => {
      const path = prefix + member;
      if (supported.includes(path)) return [];
      const within = is.type === 'array' ? is.element : is;
      const partly = within.type === 'ref' && supported.some((other) => other.startsWith(`${path}.`));
      return partly ? visit(definitions[within.name]!, `${path}.`) : [path];
    });
  return visit(properties, '');
}

const anchor = (title: string) => title.toLowerCase().replaceAll(' ', '-');

if (import.meta.main) {
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, await coverage());
}
