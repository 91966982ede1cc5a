import { expect, test } from 'vitest';
import { applyPatch, changedPaths, PatchError } from './index.ts';

const BEFORE = { a: 1, list: [1, 2, 3], deep: { b: { c: 'd' } }, 'x/y': { '~': 0 } };

test.each<[object, object]>([
  [
    { op: 'add', path: '/e', value: [] },
    { ...BEFORE, e: [] },
  ],
  [
    { op: 'add', path: '/a', value: 2 },
    { ...BEFORE, a: 2 },
  ],
  [
    { op: 'add', path: '/list/1', value: 9 },
    { ...BEFORE, list: [1, 9, 2, 3] },
  ],
  [
    { op: 'add', path: '/list/-', value: 9 },
    { ...BEFORE, list: [1, 2, 3, 9] },
  ],
  [
    { op: 'replace', path: '/deep/b/c', value: null },
    { ...BEFORE, deep: { b: { c: null } } },
  ],
  [
    { op: 'replace', path: '/list/0', value: 9 },
    { ...BEFORE, list: [9, 2, 3] },
  ],
  [
    { op: 'replace', path: '/x~1y/~0', value: 1 },
    { ...BEFORE, 'x/y': { '~': 1 } },
  ],
  [{ op: 'replace', path: '', value: { whole: true } }, { whole: true }],
  [
    { op: 'remove', path: '/list/2' },
    { ...BEFORE, list: [1, 2] },
  ],
  [
    { op: 'remove', path: '/deep/b' },
    { ...BEFORE, deep: {} },
  ],
  [
    { op: 'move', from: '/deep/b', path: '/list/0' },
    { ...BEFORE, deep: {}, list: [{ c: 'd' }, 1, 2, 3] },
  ],
  [
    { op: 'copy', from: '/list', path: '/deep/list' },
    { ...BEFORE, deep: { ...BEFORE.deep, list: [1, 2, 3] } },
  ],
  [{ op: 'test', path: '/deep', value: { b: { c: 'd' } } }, BEFORE],
])('%j (RFC 6902, section 4)', (operation, after) => {
  const document = structuredClone(BEFORE);
  expect(applyPatch(document, [operation])).toEqual(after);
  expect(document).toEqual(BEFORE);
});

test.each<[unknown]>([
  [{}],
  [[null]],
  [[{ op: 'increase', path: '/a' }]],
  [[{ op: 'add', path: '/e' }]],
  [[{ op: 'add', value: 1 }]],
  [[{ op: 'copy', path: '/e' }]],
  [[{ op: 'replace', path: 'a', value: 1 }]],
  [[{ op: 'replace', path: '/~2', value: 1 }]],
  [[{ op: 'replace', path: '/none', value: 1 }]],
  [[{ op: 'replace', path: '/__proto__', value: 1 }]],
  [[{ op: 'replace', path: '/list/-', value: 1 }]],
  [[{ op: 'remove', path: '/list/3' }]],
  [[{ op: 'add', path: '/list/5', value: 1 }]],
  [[{ op: 'add', path: '/list/01', value: 1 }]],
  [[{ op: 'add', path: '/a/b', value: 1 }]],
  [[{ op: 'move', from: '/deep', path: '/deep/b/e' }]],
  [[{ op: 'test', path: '/a', value: 2 }]],
  [Array.from({ length: 1001 }, () => ({ op: 'test', path: '/a', value: 1 }))],
  [Array.from({ length: 60 }, (_, n) => ({ op: 'copy', from: '', path: `/copy${n}` }))],
])('what cannot be applied is told: %j', (patch) => {
  expect(() => applyPatch(BEFORE, patch)).toThrow(PatchError);
});

test('a name of a prototype is a name like any other', () => {
  const after = applyPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
  expect(JSON.stringify(after)).toBe('{"__proto__":{"polluted":true}}');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('the paths that change', () => {
  const patch = [
    { op: 'test', path: '/a', value: 1 },
    { op: 'move', from: '/b', path: '/c' },
    { op: 'remove', path: '/d' },
  ];
  expect(changedPaths(patch)).toEqual(['/b', '/c', '/d']);
});
