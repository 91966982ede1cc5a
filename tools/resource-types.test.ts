import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { schemaOf } from '../packages/engine/src/languages/resource-schema/index.ts';
import { services } from '../packages/engine/src/services.ts';
import { file, resourceSchemas } from './resource-types.ts';

test('the schemas of resource types are as `node --conditions=source tools/resource-types.ts` writes them', () => {
  expect(readFileSync(file, 'utf8')).toBe(resourceSchemas());
});

test('what a resource type takes is what AWS has', () => {
  for (const { resources = {} } of services) {
    for (const [name, { properties }] of Object.entries(resources)) {
      const known = Object.keys(schemaOf(name)!.properties);
      expect(known, name).toEqual(expect.arrayContaining(properties.map((path) => path.split('.')[0])));
    }
  }
});
