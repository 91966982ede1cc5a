/*
 * A client that costs less than any server it asks: plain sockets, requests written as they are, and of an answer
 * only its status and length are read. It runs one `Load` after another, as it is told.
 */
import { connect, type Socket } from 'node:net';

export interface Load {
  port: number;
  /** Whole HTTP requests; sent in turn. */
  requests: string[];
  connections: number;
  /** Ends after so many milliseconds, or so many answers. */
  durationMs?: number;
  count?: number;
  /** How long a connection rests between an answer and its next request. */
  pauseMs?: number;
}

export interface Outcome {
  perSecond: number;
  /** Of each answer, in milliseconds. */
  latenciesMs: Float64Array;
}

async function run(load: Load): Promise<Outcome> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load.port)));
  const requests = load.requests.map((text) => Buffer.from(text));
  const latencies: number[] = [];
  const started = performance.now();
  const end = started + (load.durationMs ?? Number.POSITIVE_INFINITY);
  let sent = 0;

  const drive = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let asked = 0;
      const send = () => {
        if (sent >= (load.count ?? Number.POSITIVE_INFINITY) || performance.now() >= end) return resolve();
        asked = performance.now();
        socket.write(requests[sent++ % requests.length]!);
      };
      readAnswers(socket, (fault) => {
        if (fault !== undefined) return reject(new Error(fault));
        latencies.push(performance.now() - asked);
        if (load.pauseMs) setTimeout(send, load.pauseMs);
        else send();
      });
      send();
    });

  await Promise.all(sockets.map(drive));
  const seconds = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.destroy();
  return { perSecond: latencies.length / seconds, latenciesMs: Float64Array.from(latencies) };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Calls back for each whole answer: with what is wrong with it, if anything. */
function readAnswers(socket: Socket, onAnswer: (fault?: string) => void): void {
  let held: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    held.push(chunk);
    const answer = held.length === 1 ? chunk : Buffer.concat(held);
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = answer.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (answer.length < end + 4 + length) return;
    held = [];
    onAnswer(head.startsWith('HTTP/1.1 200') ? undefined : answer.toString());
  });
  socket.on('close', () => onAnswer('The server closed the connection.'));
}

process.on('message', (load: Load) => {
  run(load).then(
    (outcome) => process.send?.(outcome),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
