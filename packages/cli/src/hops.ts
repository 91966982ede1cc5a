/*
 * Hops: notes of the journal in words, short enough for a line. What the engine does for itself beside them, as keeping
 * a function's log, is not told.
 */
import type { JournalNote } from '@carillon/engine';
import { paint } from './terminal.ts';

/** A note as people read it. */
export interface Hop {
  /** `call`, `ring`, `deliver`, `run`, `batch`, `give up`, ... */
  readonly what: string;
  /** `rule paid → function till`. */
  readonly name: string;
  readonly outcome: string;
  /** Engine time, in milliseconds; absent where it says nothing. */
  readonly tookMs?: number;
  /** `cold, attempt 2: boom`. */
  readonly more: string;
}

/** The due work that is a schedule's ring. */
const TICK = /^(eventbridge\.tick|scheduler\.ring) (.*)$/s;

/** A note in words; undefined for what only leads from one hop to the next. */
export function hopOf(note: JournalNote): Hop | undefined {
  const { kind, subject, outcome, tookMs, detail = {} } = note;
  switch (kind) {
    case 'call':
      if (/^logs:(PutLogEvents|CreateLog(Stream|Group))$/.test(subject)) return undefined;
      return { what: 'call', name: subject.replace(':', ' '), outcome, tookMs, more: '' };
    case 'request':
      return { what: 'request', name: subject, outcome, tookMs, more: '' };
    case 'due': {
      const [, tick, key] = TICK.exec(subject) ?? [];
      if (tick === undefined)
        return outcome === 'fault' ? { what: 'due', name: subject, outcome, more: '' } : undefined;
      return {
        what: 'ring',
        name: `${tick === 'scheduler.ring' ? 'schedule' : 'rule'} ${shortKey(key!)}`,
        outcome,
        more: '',
      };
    }
    case 'delivery':
      return { what: 'deliver', name: `${from(detail.sourceArn)}${shortName(subject)}`, outcome, more: fateOf(note) };
    case 'invocation':
      return {
        what: 'run',
        name: shortName(subject),
        outcome,
        tookMs: (detail.durationMs as number) ?? tookMs,
        more: runOf(detail),
      };
    case 'batch': {
      if (detail.functionArn === undefined) return { what: 'batch', name: shortName(subject), outcome, more: '' };
      const counts = `${many(detail.messages as number, 'message')}${detail.failed ? `, ${detail.failed} failed` : ''}`;
      return {
        what: 'batch',
        name: `${shortName(subject)} → ${shortName(String(detail.functionArn))}`,
        outcome,
        more: counts,
      };
    }
    case 'discarded': {
      const letter = detail.deadLetterArn ? ` → ${shortName(String(detail.deadLetterArn))}` : '';
      return {
        what: 'give up',
        name: shortName(subject),
        outcome,
        more: `after ${many(detail.attempts as number, 'attempt')}${letter}`,
      };
    }
    case 'redrive': {
      const received = `received ${many(detail.receives as number, 'time')}`;
      return {
        what: 'redrive',
        name: `${from(detail.sourceArn)}${shortName(subject)}`,
        outcome,
        more: detail.receives ? received : '',
      };
    }
    case 'ingestion':
    case 'permission':
      return undefined;
    default:
      return { what: kind, name: shortName(subject), outcome, more: String(detail.message ?? '') };
  }
}

/** Whether a hop went wrong. */
export function isFailure({ outcome }: Hop): boolean {
  return outcome !== 'ok' && outcome !== 'under way';
}

export function paintOutcome(hop: Hop, text: string): string {
  if (hop.outcome === 'ok') return paint('green', text);
  return isFailure(hop) ? paint('red', text) : paint('yellow', text);
}

/** `function till` of its ARN; what is no ARN stays as it is. */
export function shortName(arn: string): string {
  const [prefix, , service, , , ...rest] = arn.split(':');
  if (prefix !== 'arn') return arn;
  const resource = rest.join(':');
  switch (service) {
    case 'lambda':
      return resource.replace(/^(\w[\w-]*):/, '$1 ');
    case 'sqs':
      return `queue ${resource}`;
    case 'sns':
      return `topic ${resource}`;
    case 'logs':
      return resource.replace(/^log-group:/, 'log group ').replace(/:\*$/, '');
    case 'events':
      return resource
        .replace(/^event-bus\//, 'bus ')
        .replace(/^rule\//, 'rule ')
        .replace(/^archive\//, 'archive ');
    case 'scheduler':
      return `schedule ${shortKey(resource.replace(/^schedule\//, ''))}`;
    default:
      return `${service} ${resource}`;
  }
}

/** What is in the default bus or group goes by its name. */
function shortKey(key: string): string {
  return key.replace(/^default\//, '');
}

function from(sourceArn: unknown): string {
  return typeof sourceArn === 'string' ? `${shortName(sourceArn)} → ` : '';
}

function fateOf({ at, detail = {} }: JournalNote): string {
  const { attempt, message, retryAt } = detail as Fate;
  const tries = attempt !== undefined && (attempt > 1 || retryAt !== undefined) ? `attempt ${attempt}` : '';
  return [tries, message, nextOf(detail as Fate, at)].filter(Boolean).join('; ');
}

/** What happens after a failure. */
function nextOf({ retryAt, givenUp, deadLetterArn }: Fate, at: number): string {
  if (retryAt !== undefined) return retryAt > at ? `again in ${inWords(retryAt - at)}` : 'again at once';
  if (!givenUp) return '';
  return deadLetterArn ? `given up → ${shortName(deadLetterArn)}` : 'given up';
}

interface Fate {
  readonly attempt?: number;
  readonly message?: string;
  readonly retryAt?: number;
  readonly givenUp?: boolean;
  readonly deadLetterArn?: string;
}

function runOf({ cold, attempt, message }: Readonly<Record<string, unknown>>): string {
  const facts = [...(cold ? ['cold'] : []), ...(Number(attempt) > 1 ? [`attempt ${attempt}`] : [])].join(', ');
  return [facts, message].filter(Boolean).join('; ');
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `850 ms`, `1.5 s`, `12 min`, `3 h`. */
export function inWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toLocaleString('en', { maximumFractionDigits: 1 })} s`;
  if (ms < 3_600_000) return `${(ms / 60_000).toLocaleString('en', { maximumFractionDigits: 1 })} min`;
  return `${(ms / 3_600_000).toLocaleString('en', { maximumFractionDigits: 1 })} h`;
}
