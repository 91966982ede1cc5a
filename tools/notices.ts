/* What the licences of bundled packages ask for: their names, versions and texts, in one file. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The folder of the package that a module belongs to; undefined for a module of ours. */
export function packageOf(module: string): string | undefined {
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];
}

/** The notices of packages, given by their folders: each text once, under the packages that carry it. */
export function notices(folders: Iterable<string>): string {
  const carriers = new Map<string, string[]>();
  for (const folder of [...new Set(folders)].sort()) {
    const { title, text } = noticeOf(folder);
    carriers.set(text, [...(carriers.get(text) ?? []), title]);
  }
  const parts = [...carriers].map(([text, titles]) => `${'='.repeat(80)}\n${titles.join('\n')}\n\n${text}\n`);
  return `This program holds the following packages.\n\n${parts.join('\n')}`;
}

function noticeOf(folder: string): { title: string; text: string } {
  const { name, version, license } = manifestOf(folder);
  const texts = textsIn(folder);
  if (texts.length === 0) texts.push(...textsOfSibling(folder, license));
  if (texts.length === 0) throw new Error(`${name} has no text of its licence (${license}): say it by hand.`);
  return { title: `${name} ${version} (${license})`, text: texts.join('\n\n') };
}

/** Packages of one scope have one author: what one says of the licence that they share holds for those that left it out. */
function textsOfSibling(folder: string, license: string): string[] {
  const scope = dirname(folder);
  if (!basename(scope).startsWith('@')) return [];
  const siblings = readdirSync(scope).map((name) => join(scope, name));
  const telling = siblings.find((sibling) => manifestOf(sibling).license === license && textsIn(sibling).length > 0);
  return telling === undefined ? [] : textsIn(telling);
}

function textsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
}

function manifestOf(folder: string): { name: string; version: string; license: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
