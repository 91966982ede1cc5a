/*
 * What functions are at: while a sandbox runs a request, the calls that its process makes are caused by that request.
 * A sandbox signs with a session of its own, and serves one request at a time, so the session tells which.
 */

export interface Errands {
  /** The calls of a session are caused by a note from now until the returned function is called. */
  begin(session: string, note: number): () => void;
  /** The note that causes what a session does now. */
  noteOf(session: string): number | undefined;
}

export function createErrands(): Errands {
  const notes = new Map<string, number>();
  return {
    begin(session, note) {
      notes.set(session, note);
      return () => {
        if (notes.get(session) === note) notes.delete(session);
      };
    },
    noteOf: (session) => notes.get(session),
  };
}
