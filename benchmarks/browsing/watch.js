/* Added to every page before its own scripts: how long things take from a key or click to the next frame, and what holds the page up. */
(() => {
  const watch = { paints: [], longest: 0, long: [], frames: [], events: new Map(), row: null, shown: [], heard: 0 };
  window.__watch = watch;
  const port = new MessageChannel();
  const waiting = [];
  port.port1.onmessage = () => {
    for (const begun of waiting.splice(0)) watch.paints.push(performance.now() - begun);
  };
  /* After the frame's own callbacks, its style, layout and paint: a message is the next task. */
  const next = (event) => {
    waiting.push(event.timeStamp);
    requestAnimationFrame(() => port.port2.postMessage(0));
  };
  for (const kind of ["keydown", "click", "wheel", "input"]) addEventListener(kind, next, { capture: true, passive: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (one.interactionId) watch.events.set(one.interactionId, Math.max(one.duration, watch.events.get(one.interactionId) ?? 0));
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) watch.long.push(one.duration);
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) watch.heard = Math.max(watch.heard, one.responseEnd);
  }).observe({ type: "resource", buffered: true });
  const tick = (now) => {
    watch.frames.push(now);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  const first = () => {
    if (document.querySelector("[role=row][aria-rowindex='2']")) watch.row = performance.now();
    else requestAnimationFrame(first);
  };
  requestAnimationFrame(first);
  watch.waiting = () => waiting.length;
  watch.reset = () => Object.assign(watch, { paints: [], long: [], frames: [], events: new Map(), shown: [] });
  watch.told = () => ({
    paints: watch.paints, long: watch.long, events: [...watch.events.values()], row: watch.row,
    gaps: watch.frames.slice(1).map((at, index) => at - watch.frames[index]), shown: watch.shown,
  });
})();
