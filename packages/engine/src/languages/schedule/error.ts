/** A schedule expression, or the time zone to read it in, that AWS would refuse; the message says what is wrong. */
export class ScheduleError extends Error {
  override name = 'ScheduleError';
}
