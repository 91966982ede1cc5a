/* Stacks of many resources: how long the engine takes for each, beside `cdk synth` of the same app. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine } from '@carillon/engine';
import { type Bench, type Figure, median } from './figure.ts';

const COUNTS = [10, 100, 500];
const ROUNDS = 5;
const SYNTH = fileURLToPath(new URL('./programs/synth.mjs', import.meta.url));

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const folder = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
    await using engine = await createEngine({ log: () => {} });
    const Bucket = 'templates';
    await engine.call('s3', 'CreateBucket', { Bucket });
    const figures: Figure[] = [];
    try {
      for (const count of COUNTS) {
        const synthMs = timed(() => execFileSync(process.execPath, [SYNTH, String(count), folder]));
        const { Resources } = JSON.parse(readFileSync(join(folder, 'Bench.template.json'), 'utf8'));
        const Key = `${count}.json`;
        await engine.call('s3', 'PutObject', { Bucket, Key, Body: JSON.stringify({ Resources }) });
        const TemplateURL = `${engine.endpoint}/${Bucket}/${Key}`;
        const took: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const StackName = `bench-${count}-${round}`;
          const began = performance.now();
          await engine.call('cloudformation', 'CreateStack', { StackName, TemplateURL });
          await engine.settle();
          took.push(performance.now() - began);
          const { Stacks } = await engine.call('cloudformation', 'DescribeStacks', { StackName });
          if (Stacks![0]!.StackStatus !== 'CREATE_COMPLETE') throw new Error(Stacks![0]!.StackStatusReason);
          await engine.call('cloudformation', 'DeleteStack', { StackName });
          await engine.settle();
        }
        figures.push({
          ...{ figure: `a resource of a stack of ${count}`, unit: 'ms', ours: median(took) / count },
          ...{ baseline: synthMs / count, against: 'cdk synth of the same', aim: { ours: 10 } },
        });
      }
      return figures;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
