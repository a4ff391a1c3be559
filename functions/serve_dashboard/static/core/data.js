// What a view has asked for: loading, there, or refused; asked again from time to time where it is live.

import { useCallback, useEffect, useRef, useState } from "../vendor/htm-preact.js";

const IDLE = 5; // seconds until what is not live is looked at again, to see whether it has become so

/**
 * `load(signal)` gives the data. What was there stays while it is asked for again.
 * With `every` it is asked for again after so many seconds, as long as the page is seen.
 */
export function useData(load, inputs, { every = 0 } = {}) {
  const [state, show] = useState({ data: null, error: null, loading: true });
  const [turn, again] = useState(0);
  const asked = useRef(null);
  const pace = useRef(every);
  pace.current = every;
  const key = JSON.stringify(inputs);

  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    const changed = asked.current !== key;
    asked.current = key;
    if (changed) show((before) => ({ ...before, error: null, loading: true }));

    async function ask() {
      try {
        const data = await load(abort.signal);
        if (!abort.signal.aborted) show({ data, error: null, loading: false });
      } catch (error) {
        if (!abort.signal.aborted) show((before) => ({ ...before, error, loading: false }));
      }
      later();
    }
    function later() {
      if (abort.signal.aborted) return;
      timer = setTimeout(() => (pace.current && !document.hidden ? ask() : later()), (pace.current || IDLE) * 1000);
    }
    ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, turn]);

  return { ...state, reload: useCallback(() => again((before) => before + 1), []) };
}
