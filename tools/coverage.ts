/*
 * Writes docs/reference/coverage.md: every operation of each service's API, and whether Carillon has it. It is
 * read off the definitions of the services and AWS's own models, so that it can't say what is not so.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '../packages/engine/src/kernel/service.ts';
import { services } from '../packages/engine/src/services.ts';
import { loadModel, type ServiceModel } from '../packages/engine/src/wire/model.ts';

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
    ...chapters.map(({ text }) => text),
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

const anchor = (title: string) => title.toLowerCase().replaceAll(' ', '-');

if (import.meta.main) {
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, await coverage());
}
