/* What `npm start` runs. */
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { carillon } from './carillon.ts';

test('the example says how to go on, and rings: cold first, then warm', async () => {
  expect(packageJson.scripts.start).toMatch(/carillon\.ts example$/);
  const { line, kill, ended } = carillon(['example', '--port', '0']);
  const [, endpoint] = /^ {2}Carillon \S+ is ready at (http:\S+)$/.exec(await line(/ready/))!;
  expect(await line(/export AWS_ENDPOINT_URL/)).toContain(`AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1`);
  await line(/aws logs tail \/aws\/lambda\/first-bell --follow/);
  const header = await line(/^ {2}due \(UTC\) +started +late +took +outcome +function$/);
  const ring = /^ {2}[\d:.]{12} {2}[\d:.]{12} +[\d,]+ ms +[\d.,]+ ms {2}(cold|warm) +ok +first-bell$/;
  const [first, second] = [await line(ring), await line(ring)];
  expect(first).toMatch(/ cold /);
  expect(second).toMatch(/ warm /);
  for (const row of [first, second]) expect(row.indexOf('first-bell')).toBe(header.indexOf('function'));
  kill('SIGINT');
  await line(/^Carillon has stopped\.$/);
  expect(await ended).toEqual({ code: 0, stderr: '' });
});
