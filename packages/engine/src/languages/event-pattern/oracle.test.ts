/*
 * Pairs of events and patterns whose outcome was tried on AWS. They are kept beside the repository, not in it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EventPatternError, matchesPattern, parsePattern } from './index.ts';

const DIRECTORY = resolve(import.meta.dirname, '../../../../../../shared/oracle/event-patterns');

describe.skipIf(!existsSync(DIRECTORY))('outcomes on AWS (skipped where ../shared/oracle is absent)', () => {
  const files = existsSync(DIRECTORY) ? readdirSync(DIRECTORY).filter((file) => file.endsWith('.json5')) : [];

  test.each(files)('%s', (file) => {
    const source = readFileSync(resolve(DIRECTORY, file), 'utf8');
    // JSON5, but for its rarest forms, is an expression of JavaScript.
    const { Event, EventPattern } = new Function(`return (${source})`)();
    const outcome = () => matchesPattern(parsePattern(JSON.stringify(EventPattern)), JSON.stringify(Event));
    if (file.endsWith('_EXC.json5')) expect(outcome).toThrow(EventPatternError);
    else expect(outcome()).toBe(!file.endsWith('_NEG.json5'));
  });
});
