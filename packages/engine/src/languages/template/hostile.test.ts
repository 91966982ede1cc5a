import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  creationOrder,
  expandLanguageExtensions,
  type JsonObject,
  parseTemplate,
  planStack,
  readDocument,
  readTemplate,
  type StackInputs,
  TemplateError,
  type Value,
} from './index.ts';

const INPUTS: StackInputs = {
  parameters: new Map(),
  accountId: '123456789012',
  region: 'us-east-1',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  stackId: 'id',
  stackName: 'name',
  notificationArns: [],
  availabilityZones: () => ['a', 'b'],
  importValue: () => 'imported',
};

/** Reads, plans and resolves; gives what AWS would refuse it with, and lets anything else be thrown. */
function refusal(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

function live(document: JsonObject): void {
  const plan = planStack(readTemplate(document, { extended: true }), INPUTS);
  for (const id of plan.resources.keys()) plan.resolveResource(id, (name, attribute) => `${name}.${attribute}`);
  plan.resolveOutputs((name) => name);
}

describe('hostile templates are refused, whatever they are', () => {
  const many = 100_000;
  it.each([
    ['open brackets as JSON', `{"a":${'['.repeat(many)}`],
    ['closed brackets as JSON', `{"a":${'['.repeat(many)}${']'.repeat(many)}}`],
    ['brackets as YAML', `a: ${'['.repeat(many)}`],
    ['lists in lists', `a:\n${'- '.repeat(many)}x`],
    ['maps in maps', '{'.repeat(many)],
    ['keys of keys', '? '.repeat(many)],
    ['tags', `a: ${'!Ref '.repeat(many / 10)}`],
    ['anchors', `a: ${'&a '.repeat(many / 10)}`],
    ['quotes', `a: ${'"'.repeat(many / 10)}`],
    ['zeros', '\0'.repeat(many)],
    ['an alias of aliases', `a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]`],
  ])('%s', (_name, text) => {
    expect(refusal(() => parseTemplate(text))).toBeDefined();
  });

  it('text that multiplies', () => {
    const value = 'x'.repeat(4000);
    const document = {
      Parameters: { P: { Type: 'String' } },
      Resources: { R: { Type: 'X::Y::Z', Properties: { V: { 'Fn::Sub': '${P}'.repeat(2000) } } } },
    };
    const parameters = new Map([['P', { value, reference: value }]]);
    const plan = planStack(readTemplate(document), { ...INPUTS, parameters });
    expect(refusal(() => plan.resolveResource('R', () => undefined))).toContain('too much text');
  });

  it('loops that multiply', () => {
    const items = Array.from({ length: 30 }, (_, index) => `x${index}`);
    const nested = [1, 2, 3, 4, 5].reduce<JsonObject>(
      (body, level) => ({ [`Fn::ForEach::L${level}`]: [`I${level}`, items, body] }),
      { 'R${I1}${I2}${I3}${I4}${I5}': { Type: 'X::Y::Z' } },
    );
    const template = readTemplate({ Transform: 'AWS::LanguageExtensions', Resources: nested });
    expect(refusal(() => expandLanguageExtensions(template, INPUTS))).toContain('too many values');
  });

  it('conditions that name each other without end, or in a circle', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`C${index}`, { Condition: `C${index + 1}` }]),
    );
    const Resources = { R: { Type: 'X::Y::Z' } };
    const ended = { ...chain, C5000: { 'Fn::Equals': ['a', 'a'] } };
    expect(refusal(() => live({ Conditions: ended, Resources }))).toContain('conditions name each other');
    const circle = { A: { Condition: 'B' }, B: { 'Fn::Not': [{ Condition: 'A' }] } };
    expect(refusal(() => live({ Conditions: circle, Resources }))).toBe(
      'Template error: Found circular condition dependency between B and A',
    );
  });
});

describe('properties', () => {
  const names = fc.constantFrom('A', 'B', 'C', 'AWS::Region', 'AWS::NoValue', '__proto__', 'constructor', 'toString');
  const scalars = fc.oneof(names, fc.string({ maxLength: 8 }), fc.integer(), fc.double({ noNaN: true }), fc.boolean());
  const calls = ['Ref', 'Condition', 'Fn::Transform'].concat(
    [
      'And',
      'Base64',
      'Cidr',
      'Equals',
      'FindInMap',
      'GetAtt',
      'GetAZs',
      'If',
      'ImportValue',
      'Join',
      'Length',
      'Not',
    ].map((name) => `Fn::${name}`),
    ['Or', 'Select', 'Split', 'Sub', 'ToJsonString', 'Contains', 'RefAll'].map((name) => `Fn::${name}`),
  );
  const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalars,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(names, fc.string({ maxLength: 5 })), tie('value'), { maxKeys: 3 }),
      fc.tuple(fc.constantFrom(...calls), tie('value')).map(([name, argument]) => ({ [name]: argument })),
    ),
  })).value;

  it('a template of any values resolves, or is refused', () => {
    fc.assert(
      fc.property(value, value, value, (one, two, three) => {
        refusal(() =>
          live({
            Conditions: { C: { 'Fn::Equals': [one, 'a'] } },
            Mappings: { A: { B: { C: 'x' } } },
            Resources: {
              A: { Type: 'X::Y::Z', Properties: { V: one, W: two } },
              B: { Type: 'X::Y::Z', Properties: { V: { 'Fn::If': ['C', two, three] } } },
            },
            Outputs: { O: { Value: three } },
          }),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('any sections are read, or refused', () => {
    const section = fc.constantFrom(
      'Parameters',
      'Conditions',
      'Rules',
      'Mappings',
      'Outputs',
      'Transform',
      'Metadata',
    );
    fc.assert(
      fc.property(fc.dictionary(section, value), fc.dictionary(names, value), (sections, resources) => {
        refusal(() => live({ ...sections, Resources: { ...resources, R: { Type: 'X::Y::Z' } } }));
      }),
      { numRuns: 500 },
    );
  });

  it('any text is read, or refused', () => {
    const pieces = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '!Ref ',
      '&a ',
      '*a',
      '|',
      '#',
      '?',
      '%',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (text) => {
        refusal(() => readDocument(text.join('')));
        refusal(() => readDocument(`a:${text.join('')}`));
      }),
      { numRuns: 1000 },
    );
  });

  it('JSON is read as JSON.parse reads it', () => {
    const json = fc.dictionary(
      fc.string(),
      fc.jsonValue().filter((any) => !/null|\d{16}/.test(JSON.stringify(any))),
    );
    fc.assert(
      fc.property(json, (object) => {
        expect(readDocument(JSON.stringify(object, undefined, 1))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });

  it('an order of creation has each after what it waits for', () => {
    const edges = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 60 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const graph = new Map(Array.from({ length: 20 }, (_, index) => [`${index}`, { dependsOn: new Set<string>() }]));
        for (const [a, b] of pairs) if (a !== b) graph.get(`${Math.max(a, b)}`)!.dependsOn.add(`${Math.min(a, b)}`);
        const order = creationOrder(graph);
        expect(order).toHaveLength(20);
        for (const [id, { dependsOn }] of graph) {
          for (const other of dependsOn) expect(order.indexOf(other)).toBeLessThan(order.indexOf(id));
        }
      }),
    );
  });
});
