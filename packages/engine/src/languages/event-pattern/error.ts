/** An event pattern that AWS would refuse; the message is that of its InvalidEventPatternException. */
export class EventPatternError extends Error {
  override name = 'EventPatternError';
  /** Why, without the words before it. */
  readonly reason: string;

  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
    this.reason = reason;
  }
}

/** An event that is not a JSON object, or is nested too deeply; the message says where. */
export class EventError extends Error {
  override name = 'EventError';
}
