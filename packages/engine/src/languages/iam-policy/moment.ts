/*
 * Dates as conditions write them: the W3C's forms of ISO 8601, or seconds since 1970.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */

const MOMENT =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d(?:\.\d{1,9})?))?(?:Z|([+-])(\d\d):?(\d\d)))?)?)?$/;
const DAY_S = 86_400;

/** Seconds since 1970, or NaN for what is no date. Four digits are a year. */
export function secondsOf(text: string): number {
  const parts = MOMENT.exec(text);
  if (!parts) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', sign, zoneHour, zoneMinute] = parts;
  if (+month < 1 || +month > 12 || +day < 1 || +day > 31 || +hour > 23 || +minute > 59) return Number.NaN;
  const offset = sign === undefined ? 0 : Number(zoneHour) * 3600 + Number(zoneMinute) * 60;
  const time = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return dayNumber(Number(year), Number(month), Number(day)) * DAY_S + time + (sign === '-' ? offset : -offset);
}

/** Days since 1970, counted in 400-year eras of years that begin in March. */
function dayNumber(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}
