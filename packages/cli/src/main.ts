/* From arguments to a command: finds it, runs it, and says in one line what went wrong. */
import packageJson from '../package.json' with { type: 'json' };
import { commands, overview } from './commands.ts';
import { CommandError, commandHelp, parseOptions, UsageError } from './options.ts';
import { complain } from './terminal.ts';

export async function main(args: readonly string[]): Promise<void> {
  // Whoever reads our output may stop reading, as `head` does.
  process.stdout.on('error', () => process.exit());
  quietAboutSqlite();
  try {
    process.exitCode = await dispatch(args);
  } catch (error) {
    if (!(error instanceof CommandError || isRefusal(error))) throw error;
    complain(error.message);
    process.exitCode = error instanceof CommandError ? error.exitCode : 1;
  }
}

/** What the engine refused a client of AWS's SDK says what is wrong by itself. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && '$fault' in error && error.$fault === 'client';
}

/** Answers the exit code. */
async function dispatch([name = '--help', ...rest]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-v') return print(packageJson.version);
  if (name === '--help' || name === '-h') return print(overview());
  if (name === 'help') return dispatch(rest[0] === undefined ? ['--help'] : [rest[0], '--help']);
  if (!Object.hasOwn(commands, name)) {
    const kind = name.startsWith('-') ? 'option' : 'command';
    throw new UsageError(`Carillon has no ${kind} ${name}. See what it has with carillon --help.`);
  }
  const command = await commands[name as keyof typeof commands].load();
  const { values, operands } = parseOptions(command, rest);
  return values.help ? print(commandHelp(command)) : command.run(values, operands);
}

/** Node 22 warns at every start that its SQLite is experimental. */
function quietAboutSqlite(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) emitWarning(warning, ...rest);
  };
}

function print(text: string): 0 {
  console.log(text);
  return 0;
}
