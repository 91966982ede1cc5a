/* Opens an engine, and turns what may go wrong at that into one line that says what to do. */
import { createEngine, DataError, type Engine, type EngineOptions, type PermissionMode } from '@carillon/engine';
import { CommandError, UsageError } from './options.ts';

export { dateOf, isLoopback, isoMillis, isoSeconds, machinePause, machineTimer, parseMoment } from '@carillon/engine';
export type { Engine, EngineOptions, PermissionMode };

/** The port that is expected of us. */
export const DEFAULT_PORT = 4566;

/** Someone else listens there. */
export class PortTakenError extends CommandError {}

export async function openEngine(options: EngineOptions): Promise<Engine> {
  try {
    return await createEngine(options);
  } catch (error) {
    throw explained(error, options);
  }
}

function explained(error: unknown, { port, host = '127.0.0.1' }: EngineOptions): unknown {
  if (error instanceof RangeError) return new UsageError(error.message);
  if (error instanceof DataError) return new CommandError(error.message);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new PortTakenError(
        `Port ${port} is taken, by another Carillon perhaps. Stop what listens there, or give another with --port (0 takes a free one).`,
      );
    case 'EACCES':
      return new CommandError(`Port ${port} is not open to you: it takes root. Give one above 1023 with --port.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CommandError(
        `${host} is no address of this machine. Give one of its own with --host, or leave it out.`,
      );
    default:
      return error;
  }
}
