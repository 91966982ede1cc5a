import { describe, expect, test } from 'vitest';
import { compileInput, InputError, type InputEvent, render, type TargetInput } from './index.ts';

/** The example event of eb-transform-target-input.html, with more in its detail. */
const EVENT_JSON = `{
  "version": "0",
  "id": "7bf73129-1428-4cd3-a780-95db273d1602",
  "detail-type": "EC2 Instance State-change Notification",
  "source": "aws.ec2",
  "account": "123456789012",
  "time": "2015-11-11T21:29:54Z",
  "region": "us-east-1",
  "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
  "detail": {
    "instance-id": "i-0123456789",
    "state": "RUNNING",
    "said": "say \\"hi\\"",
    "count": 3,
    "ready": false,
    "nothing": null,
    "no/slash_es": 1,
    "tags": [{ "key": "a", "value": 1 }, { "key": "b" }]
  }
}`;
const RULE = {
  ruleArn: 'arn:aws:events:us-east-2:123456789012:rule/example',
  ruleName: 'example',
  ingestionTime: '2015-11-11T21:29:55Z',
};

function event(json = EVENT_JSON): InputEvent {
  return { json, value: () => JSON.parse(json) };
}

function input(target: TargetInput): string {
  return render(compileInput(target), event(), RULE);
}

const PATHS = {
  timestamp: '$.time',
  instance: '$.detail.instance-id',
  state: '$.detail.state',
  said: '$.detail.said',
  count: '$.detail.count',
  ready: '$.detail.ready',
  nothing: '$.detail.nothing',
  tags: '$.detail.tags',
  detail: '$.detail',
  all: '$',
  missing: '$.detail.missing',
};

function transformed(InputTemplate: string, InputPathsMap: Record<string, string> = PATHS): string {
  return input({ InputTransformer: { InputPathsMap, InputTemplate } });
}

describe('a target without an input', () => {
  test('gets the very text of the event, which is not parsed', () => {
    const unread = { json: EVENT_JSON, value: () => expect.unreachable() };
    expect(render(compileInput({}), unread, RULE)).toBe(EVENT_JSON);
    expect(render(compileInput({ InputPath: '$' }), unread, RULE)).toBe(EVENT_JSON);
  });
});

describe('Input', () => {
  test.each(['{ "type": "warmer" }', ' {"a":1.0,\n"a":2} ', '"text"', '17', 'null'])(
    '%s is given byte for byte',
    (text) => {
      const unread = { json: EVENT_JSON, value: () => expect.unreachable() };
      expect(render(compileInput({ Input: text }), unread, RULE)).toBe(text);
    },
  );

  test.each(['', 'warmer', "{'a': 1}", '{"a":1}}'])('"%s" is not JSON and is refused', (Input) => {
    expect(() => compileInput({ Id: 'one', Input })).toThrow('Input for target one is not a valid JSON text.');
  });

  test('stands alone (API_Target.html)', () => {
    const InputTransformer = { InputTemplate: '"text"' };
    expect(() => compileInput({ Id: 'one', Input: '{}', InputPath: '$' })).toThrow(InputError);
    expect(() => compileInput({ Id: 'one', Input: '{}', InputTransformer })).toThrow(InputError);
    expect(() => compileInput({ Id: 'one', InputPath: '$', InputTransformer })).toThrow(InputError);
  });
});

describe('InputPath', () => {
  test.each([
    ['$.detail.state', '"RUNNING"'],
    ['$.detail-type', '"EC2 Instance State-change Notification"'],
    ['$.detail.count', '3'],
    ['$.detail.ready', 'false'],
    ['$.detail.nothing', 'null'],
    ['$.detail.no/slash_es', '1'],
    ['$.resources', '["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"]'],
    ['$.resources[0]', '"arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"'],
    ['$.detail.tags[0].value', '1'],
    ['$.detail.tags[*].key', '["a","b"]'],
    ['$.detail.tags[*].value', '[1]'],
    ['$.detail.tags[0].*', '["a",1]'],
    ["$['detail']['state']", '"RUNNING"'],
    ['$["detail"].tags[1]["key"]', '"b"'],
  ])('%s leads to %s (eb-transform-target-input.html, API_Target.html)', (InputPath, expected) => {
    expect(input({ InputPath })).toBe(expected);
  });

  test.each([
    '$.nowhere',
    '$.detail.nowhere.else',
    '$.resources[1]',
    '$.resources.length',
    '$.source[0]',
    '$.detail[0]',
    '$.detail.toString',
    '$.__proto__',
    '$.detail.nothing.more',
    '$.',
    '$..state',
    '$.detail.tags[?(@.key)]',
    '$.detail tags',
    '$detail',
    '$[99999999999]',
  ])('%s leads nowhere, and is not looked at before an event comes', (InputPath) => {
    expect(input({ InputPath })).toBe('null');
  });

  test.each(['', 'detail', '.detail'])('"%s" is no path', (InputPath) => {
    expect(() => compileInput({ InputPath })).toThrow(InputError);
  });
});

describe('InputTransformer, as the examples of eb-transform-target-input.html have it', () => {
  test.each([
    ['a simple string', '"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'],
    [
      'a string with escaped quotes',
      '"instance \\"<instance>\\" is in <state>"',
      '"instance \\"i-0123456789\\" is in RUNNING"',
    ],
    [
      'simple JSON',
      '{\n  "instance" : <instance>,\n  "state": <state>\n}',
      '{\n  "instance" : "i-0123456789",\n  "state": "RUNNING"\n}',
    ],
    [
      'JSON with strings and variables',
      '{"instance": <instance>, "state": "<state>", "instanceStatus": "instance \\"<instance>\\" is in <state>"}',
      '{"instance": "i-0123456789", "state": "RUNNING", "instanceStatus": "instance \\"i-0123456789\\" is in RUNNING"}',
    ],
    [
      'JSON with a mix of variables and static information',
      '{"instance": <instance>, "state": [ 9, <state>, true ], "Transformed" : "Yes"}',
      '{"instance": "i-0123456789", "state": [ 9, "RUNNING", true ], "Transformed" : "Yes"}',
    ],
    [
      'predefined variables in JSON',
      '{"ruleArn" : <aws.events.rule-arn>, "ruleName" : <aws.events.rule-name>, "originalEvent" : <aws.events.event.json>}',
      `{"ruleArn" : "${RULE.ruleArn}", "ruleName" : "example", "originalEvent" : ${EVENT_JSON}}`,
    ],
    ['predefined variables in a string', '"<aws.events.rule-name> triggered"', '"example triggered"'],
    ['the time of arrival', '{"at": <aws.events.event.ingestion-time>}', '{"at": "2015-11-11T21:29:55Z"}'],
  ])('renders %s', (_, template, expected) => {
    expect(transformed(template)).toBe(expected);
  });

  test('aws.events.event is the event without its detail', () => {
    const { detail, ...rest } = JSON.parse(EVENT_JSON);
    expect(detail).toBeDefined();
    expect(JSON.parse(transformed('<aws.events.event>'))).toEqual(rest);
  });
});

describe('InputTransformer, as the common issues of eb-transform-target-input.html have it', () => {
  test('quotes around strings are allowed but not needed', () => {
    expect(transformed('{"a": "<state>", "b": <state>}')).toBe('{"a": "RUNNING", "b": "RUNNING"}');
  });

  test('numbers, booleans, null, objects and arrays get no quotes', () => {
    expect(transformed('[<count>, <ready>, <nothing>, <tags>]')).toBe(
      '[3, false, null, [{"key":"a","value":1},{"key":"b"}]]',
    );
    expect(transformed('"<count> <ready> <nothing>"')).toBe('"3 false null"');
  });

  test('an object or array in a string loses its quotes', () => {
    expect(transformed('"Tags are <tags>"')).toBe('"Tags are [{key:a,value:1},{key:b}]"');
    expect(JSON.parse(transformed('"Detail is <detail>"'))).toContain('said:say hi,');
  });

  test('a string is not escaped in a string, but quoted properly elsewhere', () => {
    expect(transformed('"<said>"')).toBe('"say "hi""');
    expect(transformed('{"said": <said>}')).toBe('{"said": "say \\"hi\\""}');
  });

  test('a variable whose path leads nowhere leaves nothing in a string, and elsewhere null, so that JSON stays JSON', () => {
    expect(transformed('"state <missing>."')).toBe('"state ."');
    expect(transformed('{"a": <missing>, "b": "<missing>", "c": [<missing>]}')).toBe(
      '{"a": null, "b": "", "c": [null]}',
    );
  });

  test('lines of text are each in quotes', () => {
    expect(transformed('"<instance>"\n""\n  "is <state>"\n')).toBe('"i-0123456789"\n""\n  "is RUNNING"\n');
  });

  test('a template without quotes is no text', () => {
    expect(() => compileInput({ Id: 'one', InputTransformer: { InputTemplate: 'hello' } })).toThrow(
      'Invalid InputTemplate for target one',
    );
  });
});

describe('InputTransformer', () => {
  test('may be a constant', () => {
    expect(input({ InputTransformer: { InputTemplate: '{"a": 1}' } })).toBe('{"a": 1}');
  });

  test('passes the whole event through', () => {
    expect(transformed('<all>')).toBe(EVENT_JSON);
  });

  test('puts values in as they are, whatever they look like', () => {
    const json = JSON.stringify({ detail: { a: '$& <b> $1', b: '<a>' } });
    const compiled = compileInput({
      InputTransformer: { InputPathsMap: { a: '$.detail.a', b: '$.detail.b' }, InputTemplate: '"<a> <b>"' },
    });
    expect(render(compiled, event(json), RULE)).toBe('"$& <b> $1 <a>"');
  });

  test.each(['"a < b > c"', '"<>"', '"</b>"', '"1 << 2"'])('leaves %s alone, which has no variable', (template) => {
    expect(transformed(template)).toBe(template);
  });

  test('knows no other variables', () => {
    for (const name of ['unknown', 'aws.events.unknown', 'constructor', '__proto__']) {
      expect(() => compileInput({ Id: 'one', InputTransformer: { InputTemplate: `"<${name}>"` } })).toThrow(
        `InputTemplate for target one contains invalid placeholder ${name}.`,
      );
    }
  });

  test('has no variable for a key (API_InputTransformer.html)', () => {
    expect(() => transformed('{<state>: 1}')).toThrow(InputError);
  });

  test.each(['', '   ', '{"a": <state>', '{"a": <state>,}', '<state> is', '"<state>', '{"a": 1}\n}'])(
    '"%s" is refused, since it is not JSON',
    (template) => {
      expect(() => transformed(template)).toThrow(InputError);
    },
  );

  test('has paths that start with $', () => {
    expect(() => transformed('<a>', { a: 'detail' })).toThrow(InputError);
  });

  test('gives up on what grows beyond all bounds', () => {
    const json = JSON.stringify({ detail: 'x'.repeat(256_000) });
    const InputTemplate = `[${Array(1000).fill('<aws.events.event.json>').join()}]`;
    expect(() => render(compileInput({ InputTransformer: { InputTemplate } }), event(json), RULE)).toThrow(InputError);
  });
});
