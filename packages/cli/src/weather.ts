/* How the weather of an engine is chosen: what is late, what goes wrong, and what chance follows from. */
import type { EngineOptions } from './engine.ts';
import { type Option, textOf, textsOf, type Values } from './options.ts';

export const WEATHER: Readonly<Record<'seed' | 'profile' | 'fault', Option>> = {
  seed: { value: 'SEED', help: 'Makes ids and chance the same on every run; a virtual clock has one anyway' },
  profile: { value: 'NAME', help: "How AWS's own delays are: ideal, aws or aws-2016 (ideal)" },
  fault: { value: 'WORDS', multiple: true, help: "What goes wrong: 'function ring fails 10% of the time'" },
};

export function weatherOptions(values: Values): Pick<EngineOptions, 'seed' | 'profile' | 'faults'> {
  const [seed, profile, faults] = [textOf(values, 'seed'), textOf(values, 'profile'), textsOf(values, 'fault')];
  return { faults, ...(seed !== undefined && { seed }), ...(profile !== undefined && { profile }) };
}
