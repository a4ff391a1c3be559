// How figures, times and names are written.

import { fixed, pico } from "./exact.js";

const LOCALE = "en-US";
const UTC = "UTC";
const day = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: UTC });
const shortDay = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", timeZone: UTC });
const moment = new Intl.DateTimeFormat(LOCALE, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: UTC,
});
const clock = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: UTC });
const axis = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumSignificantDigits: 3 });

export const NONE = "(none)";
export const named = (key) => (key === null || key === undefined ? NONE : key);

/** "1234567.5" as "1,234,567.5". */
export function grouped(text) {
  const [whole, fraction] = String(text).split(".");
  const parted = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? parted : `${parted}.${fraction}`;
}

export const count = (value) => grouped(value);
export const exactUsd = (text) => (text.startsWith("-") ? `−$${grouped(text.slice(1))}` : `$${grouped(text)}`);

/** Dollars with two decimals, or four where there is less than a dollar. */
export function shortUsd(text) {
  const value = pico(text);
  const size = value < 0n ? -value : value;
  const decimals = size !== 0n && size < 10n ** 12n ? 4 : 2;
  const shown = fixed(size, decimals);
  if (size !== 0n && Number(shown) === 0) return "<$0.0001";
  return `${value < 0n ? "−" : ""}$${grouped(shown)}`;
}

export const axisUsd = (value) => `$${value !== 0 && Math.abs(value) < 0.01 ? value.toPrecision(2) : axis.format(value)}`;
export const axisCount = (value) => axis.format(value);

const at = (text) => new Date(text.length === 10 ? `${text}T00:00:00Z` : text);
export const longDay = (text) => day.format(at(text));
export const dayName = (text) => shortDay.format(at(text));
export const instant = (text) => moment.format(at(text));
export const hour = (text) => clock.format(at(text));

/** "in 4 min", "3 h ago". */
export function away(text, now = Date.now()) {
  const seconds = Math.round((at(text) - now) / 1000);
  const size = Math.abs(seconds);
  const [amount, unit] =
    size < 90 ? [size, "s"] : size < 5400 ? [Math.round(size / 60), "min"] : size < 129600 ? [Math.round(size / 3600), "h"] : [Math.round(size / 86400), "d"];
  return seconds >= 0 ? `in ${amount} ${unit}` : `${amount} ${unit} ago`;
}

export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (milliseconds === 0) return "–";
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

export function bytes(size) {
  if (size < 1024) return `${size} B`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}

/** "maxModelCalls" as "model calls". */
export const DIMENSIONS = {
  maxCost: "cost",
  maxAgents: "agents",
  maxComputeMinutes: "compute minutes",
  maxModelCalls: "model calls",
  unrated: "usage without a rate",
};
export const dimension = (name) => DIMENSIONS[name] ?? name;
