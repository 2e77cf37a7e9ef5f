/** The whole panel. */

import { useEffect } from "react";

import type { Desk } from "../desk/desk";
import { useStore } from "../store";
import { Connection } from "./Connection";
import { JobsBox } from "./JobsBox";
import { Objects } from "./Objects";
import { Bar, Button } from "./parts";
import { PlateBox } from "./PlateBox";
import { Submit } from "./Submit";

/** Milliseconds between two looks at After Effects while the panel is seen. */
const LOOK = 1000;

export function Panel({ desk }: { desk: Desk }) {
  const state = useStore(desk.store);
  useEffect(() => watch(desk), [desk]);
  const { notice, busy } = state;
  return (
    <main>
      <Connection desk={desk} server={state.server} signIn={state.signIn} />
      <PlateBox desk={desk} state={state} />
      <Objects desk={desk} state={state} />
      <Submit desk={desk} state={state} />
      <JobsBox desk={desk} state={state} />
      <footer>
        {busy && (
          <div className="busy" role="status">
            <span className="grow clip">{busy.text}</span>
            <Bar fraction={busy.fraction} label={busy.text} />
            {busy.stop && <Button onClick={busy.stop}>Stop</Button>}
          </div>
        )}
        {notice && (
          <div
            className={`notice ${notice.level}`}
            role={notice.level === "error" ? "alert" : "status"}
          >
            <span className="grow">
              {notice.message} {notice.hint && <span className="hint">{notice.hint}</span>}
            </span>
            <button type="button" className="plain" aria-label="Dismiss" onClick={desk.dismiss}>
              ✕
            </button>
          </div>
        )}
      </footer>
    </main>
  );
}

/** After Effects tells nobody what is selected: it is asked while somebody can see the answer. */
function watch(desk: Desk): () => void {
  const look = (): void => {
    if (!document.hidden && desk.store.get().busy === null) void desk.look();
  };
  look();
  const timer = setInterval(look, LOOK);
  window.addEventListener("focus", look);
  return () => {
    clearInterval(timer);
    window.removeEventListener("focus", look);
  };
}
