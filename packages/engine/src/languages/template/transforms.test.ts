import { expect, it } from 'vitest';
import {
  afterTransform,
  includeSnippet,
  type JsonObject,
  nextTransform,
  parseTemplate,
  readDocument,
  readMacroResponse,
} from './index.ts';

it('calls of Fn::Transform come before the Transform section, inner before outer (template-macros.html)', () => {
  let document = readDocument(`
Transform: [First, { Name: Second, Parameters: { P: 1 } }]
Resources:
  R:
    Type: X::Y::Z
    Fn::Transform: { Name: Outer }
    Properties:
      List:
        - Kept: true
          Fn::Transform: { Name: Inner, Parameters: { Q: !Ref A } }
`);
  expect(parseTemplate(JSON.stringify(document)).transforms).toEqual(['First', 'Second', 'Outer', 'Inner']);
  const seen: unknown[] = [];
  for (let call = nextTransform(document); call; call = nextTransform(document)) {
    const { name, parameters, path } = call;
    seen.push({ name, parameters, path: path?.join('/') });
    document = afterTransform(document, call, { ...call.fragment, [`By${name}`]: true });
  }
  expect(seen).toEqual([
    { name: 'Inner', parameters: { Q: { Ref: 'A' } }, path: 'Resources/R/Properties/List/0' },
    { name: 'Outer', parameters: {}, path: 'Resources/R' },
    { name: 'First', parameters: {}, path: undefined },
    { name: 'Second', parameters: { P: 1 }, path: undefined },
  ]);
  expect(document).toEqual({
    Resources: {
      R: { Type: 'X::Y::Z', Properties: { List: [{ Kept: true, ByInner: true }] }, ByOuter: true },
    },
    ByFirst: true,
    BySecond: true,
  });
});

it('AWS::Include puts the members of a snippet in (transform-aws-include.html)', () => {
  const document = readDocument(
    'Resources: { A: { Type: X::Y::Z }, "Fn::Transform": { Name: "AWS::Include", Parameters: { Location: "s3://b/k" } } }',
  );
  const call = nextTransform(document)!;
  expect(call.parameters).toEqual({ Location: 's3://b/k' });
  const included = afterTransform(document, call, includeSnippet(call.fragment, 'B: { Type: X::Y::Z }'));
  expect(Object.keys(included.Resources as JsonObject)).toEqual(['A', 'B']);
});

it('a macro answers with a fragment, or with why it failed (template-macros-author.html)', () => {
  const call = { name: '123456789012::Macro', requestId: 'r-1' };
  expect(readMacroResponse({ requestId: 'r-1', status: 'success', fragment: { a: 1 } }, call)).toEqual({ a: 1 });
  for (const [response, words] of [
    [{ requestId: 'r-1', status: 'failure', errorMessage: 'no' }, 'Transform 123456789012::Macro failed with: no'],
    [{ requestId: 'r-1', status: 'failure' }, 'Transform failed without an error message.'],
    [{ requestId: 'r-2', status: 'success', fragment: {} }, 'no requestId'],
    [{ requestId: 'r-1', status: 'success' }, 'no fragment'],
    ['text', 'no requestId'],
  ] as const) {
    expect(() => readMacroResponse(response, call)).toThrow(words);
  }
});

it('a template that macros have yet to work on is read as far as it is written', () => {
  const template = parseTemplate(`
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Timeout: 3 } }
Resources:
  Function: { Type: AWS::Serverless::Function, Connectors: { C: {} }, Properties: { Role: !GetAtt MadeLater.Arn } }
  Role: { Type: AWS::IAM::Role, Properties: { "Fn::Transform": { Name: Macro } } }
  Unwritten: { "Fn::Transform": { Name: Macro } }
  Fn::Transform: { Name: "AWS::Include", Parameters: { Location: "s3://b/k" } }
`);
  expect([...template.resources.keys()]).toEqual(['Function', 'Role']);
  expect(template.unprocessed).toBe(true);
  expect(template.transforms).toEqual(['AWS::Serverless-2016-10-31', 'Macro', 'AWS::Include']);
  expect(parseTemplate('Transform: { Name: "AWS::Include", Parameters: {} }').resources.size).toBe(0);
});
