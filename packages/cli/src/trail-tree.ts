/* A trail as a tree: one line for each hop, with its time since the trail began. */
import type { Trail } from '@carillon/engine';
import type { ToldNote } from './control.ts';
import { type Hop, hopOf, inWords, paintOutcome } from './hops.ts';
import { paint } from './terminal.ts';

type TrailNote = Trail['notes'][number];

/** A trail as the engine tells it, with moments as text too. */
export interface ToldTrail extends Omit<Trail, 'notes' | 'due'> {
  readonly notes: readonly (TrailNote & ToldNote)[];
  readonly due: readonly (Trail['due'][number] & { readonly time: string })[];
}

/** What a line says beside its branches. */
interface Line {
  readonly at: number;
  readonly time: string;
  readonly branch: string;
  readonly hop: Hop;
  readonly isFound: boolean;
}

/** What due work is to people. */
const STEPS: Readonly<Record<string, string>> = {
  'delivery.attempt': 'deliver again',
  'lambda.invocation': 'run',
  'sns.post': 'post',
};

export function treeLines(trail: ToldTrail): string[] {
  const { notes, left, due, found } = trail;
  const lines = branchesOf(trail);
  const begin = Math.min(...lines.map(({ at }) => at));
  const nameWidth = Math.max(...lines.map(({ branch, hop }) => branch.length + labelOf(hop).length));
  const outcomeWidth = Math.max(...lines.map(({ hop }) => hop.outcome.length));
  const tooks = lines.map(({ hop }) => (hop.tookMs === undefined ? '' : inMs(hop.tookMs)));
  const since = lines.map(({ at }) => `+${sinceInWords(at - begin)}`);
  const [tookWidth, sinceWidth] = [tooks, since].map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const rows = lines.map(({ time, branch, hop, isFound }, index) => {
    const label = labelOf(hop);
    const cells = [
      time.slice(11, 23),
      paint('dim', since[index]!.padStart(sinceWidth!)),
      `${paint('dim', branch)}${isFound && found.length < notes.length ? paint('bold', label) : label}${' '.repeat(nameWidth - branch.length - label.length)}`,
      paintOutcome(hop, hop.outcome.padEnd(outcomeWidth)),
      tooks[index]!.padStart(tookWidth!),
      hop.more,
    ];
    return cells.join('  ').trimEnd();
  });
  return [
    paint('dim', `${lines[0]!.time.slice(0, 10)} (UTC)`),
    ...rows,
    ...(left > 0 ? [`… and ${left.toLocaleString('en')} more notes: too many for one tree.`] : []),
    ...(due.length > 0 ? [paint('dim', 'Not over yet: --follow waits for the end.')] : []),
  ];
}

/** The notes of a trail in the order of the tree. */
function branchesOf({ notes, due, found }: ToldTrail): Line[] {
  const lines: Line[] = [];
  const shown = new Set<number>();
  const children = Map.groupBy(
    notes.flatMap((note) => note.parents.map((parent) => [parent, note] as const)),
    ([parent]) => parent,
  );
  const below = (number: number) => (children.get(number) ?? []).map(([, note]) => note);
  const dueBelow = Map.groupBy(due, ({ cause }) => cause);
  /** What is no hop gives way to what it led to. */
  const hopsOf = (note: TrailNote & ToldNote): (TrailNote & ToldNote)[] =>
    hopOf(note) ? [note] : below(note.number).flatMap(hopsOf);
  const stepsBelow = (number: number): readonly ToldTrail['due'][number][] => [
    ...(dueBelow.get(number) ?? []),
    ...below(number)
      .filter((note) => !hopOf(note))
      .flatMap((note) => stepsBelow(note.number)),
  ];

  const add = (note: TrailNote & ToldNote, indent: string, mark: string): void => {
    const hop = hopOf(note)!;
    const again = shown.has(note.number);
    shown.add(note.number);
    const more = again ? 'as above' : hop.more;
    lines.push({ ...note, branch: indent + mark, hop: { ...hop, more }, isFound: found.includes(note.number) });
    if (again) return;
    const next = below(note.number).flatMap(hopsOf);
    const steps = stepsBelow(note.number).filter(
      ({ due: at }) => !notes.some((one) => one.outcome === 'under way' && one.at >= at),
    );
    const space = mark === '' ? '' : mark.startsWith('└') ? '   ' : '│  ';
    next.forEach((child, index) => {
      add(child, indent + space, index === next.length + steps.length - 1 ? '└─ ' : '├─ ');
    });
    steps.forEach((step, index) => {
      const hop = { what: STEPS[step.kind] ?? step.kind, name: '', outcome: 'to come', more: '' };
      const branch = `${indent}${space}${index === steps.length - 1 ? '└─ ' : '├─ '}`;
      lines.push({ at: step.due, time: step.time, branch, hop, isFound: false });
    });
  };
  for (const note of notes.filter(({ parents }) => parents.length === 0)) {
    for (const root of hopsOf(note)) add(root, '', '');
  }
  return lines;
}

function labelOf({ what, name }: Hop): string {
  return name === '' ? what : `${what}  ${name}`;
}

/** `12 ms`, `0.41 ms`: fractions only where they say something. */
export function inMs(ms: number): string {
  const digits = ms < 10 && !Number.isInteger(ms) ? 1 : 0;
  return `${ms.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ms`;
}

function sinceInWords(ms: number): string {
  return ms < 10_000 ? `${ms.toLocaleString('en')} ms` : inWords(ms);
}
