/* What a reader copies from the documentation is what the tests run, and what it links to is there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = globSync(
  ['*.md', 'docs/**/*.md', 'examples/**/*.md', 'packages/*/README.md', 'packages/engine/src/**/*.md'],
  {
    cwd: root,
  },
);

test.each([
  ['README.md', 'ts', 'examples/warmer/warmer.test.ts'],
  ['docs/guides/virtual-time.md', 'ts', 'examples/warmer/warmer.test.ts'],
  ['docs/guides/boto3.md', 'python', 'examples/warmer/warmer.py'],
  ['docs/guides/simulation.md', 'js', 'examples/warm-or-cold/warm.mjs'],
])('%s shows, in %s, %s', (page, language, file) => {
  const [, block] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(read(page))!;
  expect(block).toBe(read(file));
});

test.each(pages)('%s links to what is there', (page) => {
  const targets = [...read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target!);
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  expect(local.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
});

test('every dependency has its reason', () => {
  const reasons = [...read('CONTRIBUTING.md').matchAll(/^\| `([^`]+)`.* \| .+ \|$/gm)].map(([, name]) => name!);
  const names = Object.keys({ ...packageJson.devDependencies, ...packageJson.optionalDependencies });
  const has = (name: string) =>
    reasons.some((reason) => (reason.endsWith('*') ? name.startsWith(reason.slice(0, -1)) : name === reason));
  const unexplained = names.filter((name) => !has(name) && !/^node-/.test(name));
  expect(unexplained).toEqual([]);
});
