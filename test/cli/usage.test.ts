/* Help, the version, and command lines that make no sense. */
import { expect, test } from 'vitest';
import packageJson from '../../packages/cli/package.json' with { type: 'json' };
import { carillon } from './carillon.ts';

test.each([[['--version']], [['-v']]])('%s tells the version', async (args) => {
  const { line, ended } = carillon(args);
  expect(await line(/./)).toBe(packageJson.version);
  expect((await ended).code).toBe(0);
});

test.each([
  [[], 'carillon run -- npm test'],
  [['--help'], 'carillon help start'],
  [['help', 'start'], 'carillon start --memory --port 0'],
  [['start', '-h'], 'carillon start --clock virtual:2026-01-01T00:00:00Z'],
  [['run', '--help'], 'carillon run -- aws events list-rules'],
  [['clock', '--help'], 'carillon clock advance 3d12h'],
  [['simulate', '--help'], 'carillon simulate deploy.py --for 30d'],
  [['example', '--help'], 'carillon example'],
])('carillon %s shows an example', async (args, example) => {
  const { line, ended } = carillon(args);
  await line(/^Usage:/);
  await line(/^Examples:/);
  expect(await line(new RegExp(example))).toContain(example);
  expect(await ended).toEqual({ code: 0, stderr: '' });
});

test.each([
  [['strat'], 'Carillon has no command strat. See what it has with carillon --help.'],
  [['constructor'], 'Carillon has no command constructor. See what it has with carillon --help.'],
  [['--quick'], 'Carillon has no option --quick. See what it has with carillon --help.'],
  [['start', '--prot', '1'], /^carillon start has no option --prot\. It has --port, .* See carillon start --help\.$/],
  [['start', '--constructor'], /^carillon start has no option --constructor\./],
  [['start', 'now'], 'carillon start takes options only, not now. See carillon start --help.'],
  [['start', '--port'], '--port needs a value: --port PORT. See carillon start --help.'],
  [['start', '--data', '--memory'], '--data needs a value: --data DIR. See carillon start --help.'],
  [['start', '--port', '1', '--port', '2'], '--port is given twice. See carillon start --help.'],
  [['start', '--memory=yes'], '--memory takes no value. See carillon start --help.'],
  [['start', '--port', '65536'], '65536 is not a port. Give one from 1 to 65535, or 0 for any that is free.'],
  [['start', '--data', 'x', '--memory'], '--data and --memory exclude each other: leave one out.'],
  [['start', '--clock', 'late'], '"late" is not a clock. Use real, virtual or virtual:2026-01-01T00:00:00Z.'],
  [['start', '--clock', 'virtual:noon'], '"noon" is not a moment. Write it as 2026-01-01T00:00:00Z.'],
  [['run'], 'Which command? Write it after --: carillon run -- npm test.'],
])('carillon %j is answered in one line', async (args, words) => {
  const { code, stderr } = await carillon(args).ended;
  expect(stderr).toMatch(/^carillon: [^\n]+\n$/);
  expect(stderr.slice('carillon: '.length, -1)).toEqual(
    typeof words === 'string' ? words : expect.stringMatching(words),
  );
  expect(code).toBe(2);
});
