/*
 * Bodies too large to be held in memory: bytes on their way in, as a client sends them, and on their way out.
 */
import { Readable } from 'node:stream';

/** What a client is sending. It fails with an AwsError when what came is not what was said or signed. */
export interface IncomingBody extends Readable {
  /** How long it is said to be, in bytes. */
  readonly length?: number;
  /** Whether it is a file in a form that a browser posts; how long it is, its end tells. */
  readonly isForm?: true;
  /** The names of headers that are to follow it, in lower case. */
  readonly announced: readonly string[];
  /** Those headers, once the body has ended. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** What a caller is given to read; the methods are those of the SDK's streams. */
export class OutgoingBody extends Readable {
  /** Bytes that are opened when they are first asked for; `closed` runs once, read or not. */
  static of(open: () => AsyncIterable<Uint8Array>, closed: () => void): OutgoingBody {
    let parts: AsyncIterator<Uint8Array> | undefined;
    const body = new OutgoingBody({
      read() {
        parts ??= open()[Symbol.asyncIterator]();
        parts.next().then(
          ({ done, value }) => this.push(done ? null : value),
          (error) => this.destroy(error),
        );
      },
      destroy(error, callback) {
        const ended = parts?.return?.() ?? Promise.resolve();
        ended.then(
          () => callback(error),
          () => callback(error),
        );
      },
    });
    body.once('close', closed);
    return body;
  }

  async transformToByteArray(): Promise<Uint8Array> {
    return Buffer.concat(await this.toArray());
  }

  async transformToString(encoding: BufferEncoding = 'utf8'): Promise<string> {
    return Buffer.concat(await this.toArray()).toString(encoding);
  }

  transformToWebStream(): ReadableStream {
    return Readable.toWeb(this) as ReadableStream;
  }
}
