/* `carillon start`: runs the engine until it is told to stop. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineOptions, PermissionMode } from '../engine.ts';
import { readKeys } from '../keys.ts';
import { type Command, portOf, textOf, textsOf, UsageError, type Values } from '../options.ts';
import { WEATHER, weatherOptions } from '../weather.ts';

const DEFAULT_DATA = './.carillon';

export const start: Command = {
  name: 'start',
  about: `Runs the engine. What it is told is kept in ${DEFAULT_DATA}, and is there again at the next start.`,
  options: {
    port: { value: 'PORT', help: 'Port to listen on, 0 for any that is free (4566)' },
    data: { value: 'DIR', help: `Directory to keep everything in (${DEFAULT_DATA})` },
    memory: { help: 'Keep nothing' },
    clock: { value: 'CLOCK', help: 'real, virtual or virtual:2026-01-01T00:00:00Z (real)' },
    ...WEATHER,
    permissions: {
      value: 'MODE',
      help: 'What comes of what IAM and resource policies would refuse on AWS: off, warn or enforce (warn)',
    },
    extensions: { help: 'Allow what goes beyond AWS, such as rate(10 seconds)' },
    host: { value: 'HOST', help: 'Address to listen on; callers from other machines have to sign (127.0.0.1)' },
    auth: {
      value: 'FILE',
      multiple: true,
      help: 'Callers have to sign with keys of this file (as ~/.aws/credentials, or JSON), or of env',
    },
    forward: { value: 'SERVICE=URL', multiple: true, help: 'Send what is asked of a service on to someone else' },
    strict: { help: 'Refuse retired runtimes as AWS does, and run none but on its own interpreter' },
    json: { help: 'Tell everything as JSON, one object a line' },
  },
  examples: [
    ['carillon start', 'on port 4566, kept in ./.carillon'],
    ['carillon start --memory --port 0', 'on any free port, keeping nothing'],
    ['carillon start --clock virtual:2026-01-01T00:00:00Z', 'time moves by carillon clock'],
    ["carillon start --profile aws --fault 'function ring is down from 10:00 to 10:20'", 'in bad weather'],
    ['carillon start --host 0.0.0.0 --auth ~/.aws/credentials', 'for other machines too, who have to sign'],
    ['carillon start --forward dynamodb=http://127.0.0.1:8000', 'with DynamoDB Local beside it'],
  ],

  async run(values) {
    if (values.data && values.memory) throw new UsageError('--data and --memory exclude each other: leave one out.');
    const port = portOf(values, 4566);
    const [{ isLoopback, openEngine }, { createJsonNarrator, createNarrator }, { watchRings }, { stopSignal }] =
      await Promise.all([
        import('../engine.ts'),
        import('../narrator.ts'),
        import('../rings.ts'),
        import('../signals.ts'),
      ]);
    const narrator = values.json ? createJsonNarrator() : createNarrator();
    const data = values.memory ? undefined : (textOf(values, 'data') ?? DEFAULT_DATA);
    const host = textOf(values, 'host');
    const permissions = textOf(values, 'permissions');
    const signed = values.auth !== undefined || (host !== undefined && !isLoopback(host));
    const engine = await openEngine({
      ...sharedOptions(values),
      port,
      ...weatherOptions(values),
      ...(data !== undefined && { data }),
      ...(host !== undefined && { host }),
      ...(permissions !== undefined && { permissions: permissions as PermissionMode }),
      ...(values.forward && { forward: forwardsOf(values) }),
      strict: values.strict === true,
      ...(signed && { auth: { keys: readKeys(textsOf(values, 'auth')) } }),
      log: narrator.warn,
    });
    const stopping = stopSignal();
    if (data === DEFAULT_DATA) writeFileSync(join(data, '.gitignore'), '*\n');
    narrator.ready(engine, data);
    if (narrator.tellsRings) watchRings(engine.journal, narrator.ring);
    await stopping;
    await engine.close();
    narrator.stopped();
    return 0;
  },
};

/** `dynamodb=http://127.0.0.1:8000`, as often as it is given. */
function forwardsOf(values: Values): Record<string, string> {
  return Object.fromEntries(
    textsOf(values, 'forward').map((text) => {
      const [service, ...url] = text.split('=');
      return [service!, url.join('=')];
    }),
  );
}

/** What every command that opens an engine understands alike. */
export function sharedOptions(values: Values): Pick<EngineOptions, 'clock' | 'extensions'> {
  const clock = textOf(values, 'clock');
  return { ...(clock !== undefined && { clock }), extensions: values.extensions === true };
}
