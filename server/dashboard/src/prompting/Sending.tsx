import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, data } from "../api/client";
import { type Problem, problemOf } from "../api/problem";
import { keys } from "../api/queries";
import type { Shot, Version } from "../api/shots";
import type { RotoDocument } from "../review/documents";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { say } from "../ui/Toasts";
import { correctionBody, countSaid, hasPrompts, isFindable, type Masks, segmentBody, type Wanted } from "./bodies";
import { sentPaint } from "./brush";
import { type Draft, type Size, wrongWith } from "./model";
import { wayOut } from "./Notices";
import styles from "./Prompting.module.css";
import { DEFAULTS, SubmitDialog } from "./SubmitDialog";
import type { Drafting } from "./useDraft";

interface SendingProps {
  shot: Shot;
  drafting: Drafting;
  base: Version | null;
  shapes: RotoDocument | undefined;
  plate: Size;
  first: number;
  last: number;
  /** Previews are asked of the engine that will track. */
  onEngine(engine: string): void;
}

/** The button that sends what was said, and what it asks first. */
export function Sending({ shot, drafting, base, shapes, plate, first, last, onEngine }: SendingProps) {
  const { draft } = drafting;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [wanted, setWanted] = useState<Wanted>(DEFAULTS);
  const [problem, setProblem] = useState<Problem | null>(null);
  // One for each thing that is sent: who presses twice, or whose answer was lost, makes one job.
  const sent = useRef({ what: "", key: "" });
  const obstacle = base ? uncorrected(draft) : unprompted(draft);
  const counts = countSaid(draft);
  const way = wayOut(shot.id, problem);

  async function send(): Promise<void> {
    setProblem(null);
    try {
      const masks = await sentMasks(draft, plate);
      const path = { shot_id: shot.id };
      const body = base ? correctionBody(draft, base.shapes_version ?? 0, shapes, masks) : segmentBody(draft, wanted, masks);
      const header = { "idempotency-key": keyFor(body) };
      const job = await data(
        "base_version" in body
          ? api.POST("/api/v1/shots/{shot_id}/corrections", { params: { path, header }, body })
          : api.POST("/api/v1/shots/{shot_id}/segment", { params: { path, header }, body }),
      );
      await drafting.forget();
      void queries.invalidateQueries({ queryKey: keys.jobs });
      void queries.invalidateQueries({ queryKey: keys.shot(shot.id) });
      say(`Version ${job.version} of ${shot.name} is submitted.`);
      void navigate(`/jobs/${job.id}`);
    } catch (error) {
      setProblem(problemOf(error));
      throw error;
    }
  }

  function keyFor(body: unknown): string {
    const what = JSON.stringify(body);
    if (sent.current.what !== what) sent.current = { what, key: crypto.randomUUID() };
    return sent.current.key;
  }

  return (
    <div className={styles.sending}>
      {obstacle && <span className={styles.dim}>{obstacle}</span>}
      <Button look="main" disabled={obstacle !== null} onClick={() => setOpen(true)}>
        {base ? "Submit the correction" : "Submit"}
      </Button>
      {isOpen && !base && (
        <SubmitDialog
          objects={draft.objects.filter(hasPrompts).map(({ name }) => name)}
          first={first}
          last={last}
          wanted={wanted}
          onWanted={(next) => {
            setWanted(next);
            onEngine(next.engine ?? "auto");
          }}
          onSubmit={send}
          onClose={() => setOpen(false)}
        />
      )}
      {isOpen && base && (
        <ConfirmDialog
          title={`Correct version ${base.shapes_version} of ${shot.name}?`}
          verb="Submit the correction"
          work={send}
          onClose={() => setOpen(false)}
        >
          <p>
            {plural(counts.frames, "frame")} of {plural(counts.objects, "object")} {counts.frames === 1 ? "is" : "are"} put
            right. What lies around is tracked again; all other frames, and every key a hand has set, stay as they are.
          </p>
          {way && (
            <p>
              <Link to={way}>Open the latest version</Link>: what you have said stays here until you submit or discard it.
            </p>
          )}
        </ConfirmDialog>
      )}
    </div>
  );
}

async function sentMasks({ objects }: Draft, plate: Size): Promise<Masks> {
  const found = new Map<string, string>();
  for (const { key, said } of objects) {
    for (const [frame, { paint }] of Object.entries(said)) {
      if (paint) found.set(`${key}/${frame}`, await sentPaint(paint, plate));
    }
  }
  return (key, frame) => found.get(`${key}/${frame}`);
}

/** Why it cannot be sent yet, for people; null when it can. */
export function unprompted(draft: Draft): string | null {
  const said = draft.objects.filter(hasPrompts);
  if (!said.length) return "Click on an object, or draw a box around it.";
  const lost = said.find((object) => !isFindable(object));
  if (lost) return `Show where ${lost.name} is: a click on it, a box, or paint.`;
  return wrongWith(draft);
}

function uncorrected(draft: Draft): string | null {
  return countSaid(draft).frames ? null : "Move points on a frame that is wrong, or click there.";
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
