/* What the licences of bundled packages ask for: their names, versions and texts, in one file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0) throw new Error(`${name} has no text of its licence (${license}): say it by hand.`);
  return { title: `${name} ${version} (${license})`, text: texts.join('\n\n') };
}
