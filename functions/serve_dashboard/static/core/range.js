// Ranges of UTC days, as the address keeps them: a name such as `30d`, or both dates.

const DAY = 86_400_000;
const MOST_DAYS = 366;
const DATE = /^\d{4}-\d\d-\d\d$/;

export const RANGES = [
  ["today", "Today"],
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["90d", "90 days"],
  ["month", "This month"],
  ["last-month", "Last month"],
  ["365d", "1 year"],
];
export const DEFAULT = "30d";

const text = (time) => new Date(time).toISOString().slice(0, 10);
export const today = () => text(Date.now());
export const shift = (date, days) => text(Date.parse(`${date}T00:00:00Z`) + days * DAY);
export const daysBetween = (from, to) => (Date.parse(to) - Date.parse(from)) / DAY + 1;

/** {name, from, to}, both dates inclusive; `name` is "custom" where dates are given. */
export function rangeOf(params) {
  const [from, to] = [params.get("from"), params.get("to")];
  if (isDate(from) && isDate(to) && from <= to && daysBetween(from, to) <= MOST_DAYS) return { name: "custom", from, to };
  const wanted = params.get("range");
  const name = RANGES.some(([known]) => known === wanted) ? wanted : DEFAULT;
  return { name, ...datesOf(name) };
}

const isDate = (value) => value !== null && DATE.test(value) && !Number.isNaN(Date.parse(value));

function datesOf(name) {
  const end = today();
  if (name === "today") return { from: end, to: end };
  if (name === "month") return { from: `${end.slice(0, 8)}01`, to: end };
  if (name === "last-month") {
    const last = shift(`${end.slice(0, 8)}01`, -1);
    return { from: `${last.slice(0, 8)}01`, to: last };
  }
  return { from: shift(end, 1 - Number.parseInt(name, 10)), to: end };
}

/** The parameters that keep a range in an address. */
export const kept = (range) => (range.name === "custom" ? { from: range.from, to: range.to } : { range: range.name });
