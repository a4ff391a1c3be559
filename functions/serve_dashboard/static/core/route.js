// Where one is: a path and parameters behind the address's #, so that a link keeps them and no server sees them.

import { useEffect, useState } from "../vendor/htm-preact.js";

export function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decode), params: new URLSearchParams(query) };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a path's parts with parameters; those that are empty are left out. */
export function link(parts, params = {}) {
  const query = new URLSearchParams();
  const given = params instanceof URLSearchParams ? params.entries() : Object.entries(params);
  for (const [name, value] of given) if (value !== null && value !== undefined && value !== "") query.set(name, value);
  const text = query.toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

export const go = (address) => location.assign(address);

/** The place that one is at, with its parameters changed. */
export function changed(changes) {
  const { path, params } = read();
  return link(path, { ...Object.fromEntries(params), ...changes });
}

/** Change parameters without a new entry in the history. */
export function set(changes) {
  history.replaceState(null, "", changed(changes));
  dispatchEvent(new Event("hashchange"));
}

export function useRoute() {
  const [route, show] = useState(read);
  useEffect(() => {
    const listen = () => show(read());
    addEventListener("hashchange", listen);
    return () => removeEventListener("hashchange", listen);
  }, []);
  return route;
}
