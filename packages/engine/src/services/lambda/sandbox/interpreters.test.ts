import { expect, test } from 'vitest';
import { choose, createInterpreterFinder, parseRuntime } from './interpreters.ts';

const versions = (...all: string[]) => all.map((version) => ({ path: `/${version}`, version }));

test('the version that a runtime names', () => {
  expect(parseRuntime('nodejs22.x')).toEqual({ language: 'node', wanted: [22] });
  expect(parseRuntime('nodejs')).toEqual({ language: 'node', wanted: [0] });
  expect(parseRuntime('nodejs4.3')).toEqual({ language: 'node', wanted: [4] });
  expect(parseRuntime('python3.12')).toEqual({ language: 'python', wanted: [3, 12] });
  expect(parseRuntime('provided.al2023')).toBeUndefined();
  expect(parseRuntime('java21')).toBeUndefined();
});

test('its own interpreter, else the nearest newer, else the nearest older', () => {
  const nodes = versions('26.1.0', '20.2.0', '24.3.0');
  expect(choose('node', [24], nodes)).toMatchObject({ version: '24.3.0', exact: true });
  expect(choose('node', [22], nodes)).toMatchObject({ version: '24.3.0', exact: false });
  expect(choose('node', [12], nodes)).toMatchObject({ version: '20.2.0', exact: false });
  expect(choose('node', [30], nodes)).toMatchObject({ version: '26.1.0', exact: false });
});

test('Python 2 never runs on Python 3, nor the other way', () => {
  const pythons = versions('3.9.1', '3.12.1');
  expect(choose('python', [3, 10], pythons)).toMatchObject({ version: '3.12.1', exact: false });
  expect(choose('python', [2, 7], pythons)).toBeUndefined();
  expect(choose('python', [3, 12], versions('2.7.18'))).toBeUndefined();
});

test('this machine has at least the Node that runs this test', async () => {
  const found = await createInterpreterFinder().find(`nodejs${process.versions.node.split('.')[0]}.x`);
  expect(found).toMatchObject({ language: 'node', exact: true });
});
