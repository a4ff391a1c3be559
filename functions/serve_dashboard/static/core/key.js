// The API key of this tab. It is kept in sessionStorage, which other tabs do not see and which ends with the tab.

const KEPT = "metering.key";

export const read = () => sessionStorage.getItem(KEPT);
export const keep = (key) => sessionStorage.setItem(KEPT, key);

/** Forget the key, and say why if it was not asked for. */
export function forget(reason = "") {
  sessionStorage.removeItem(KEPT);
  dispatchEvent(new CustomEvent("signedout", { detail: reason }));
}
