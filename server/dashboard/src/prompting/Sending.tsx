import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, data } from "../api/client";
import { Problem, problemOf } from "../api/problem";
import { keys } from "../api/queries";
import { useKeyFor } from "../api/sentOnce";
import type { Shot, Version } from "../api/shots";
import type { RotoDocument } from "../review/documents";
import { pngOf } from "../review/prompted";
import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { say } from "../ui/Toasts";
import bench from "../ui/Workbench.module.css";
import { correctionBody, countSaid, hasPrompts, isFindable, type Masks, segmentBody } from "./bodies";
import { sentMask, sentPaint } from "./brush";
import { type Anew, CorrectDialog } from "./CorrectDialog";
import { type Draft, type Size, wrongWith } from "./model";
import { promptAddress } from "./Notices";
import styles from "./Prompting.module.css";
import { SubmitDialog } from "./SubmitDialog";
import type { Drafting } from "./useDraft";
import type { Wanted } from "./wanted";

interface SendingProps {
  shot: Shot;
  view: string;
  drafting: Drafting;
  base: Version | null;
  shapes: RotoDocument | undefined;
  plate: Size;
  first: number;
  last: number;
  wanted: Wanted;
  /** What the preview of what is wanted was refused with. */
  refused: unknown;
  onWanted(wanted: Wanted): void;
  onGo(frame: number): void;
}

/** The button that sends what was said, and what it asks first. */
export function Sending(props: SendingProps) {
  const { shot, view, drafting, base, shapes, plate, first, last, wanted, onWanted, onGo } = props;
  const refused = props.refused instanceof Problem && props.refused.code === "unknown_model" ? props.refused : null;
  const { draft } = drafting;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [anew, setAnew] = useState<Anew>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const keyFor = useKeyFor();
  const obstacle = base ? uncorrected(draft) : unprompted(draft);
  const way = (
    <WayOut
      shot={shot.id}
      problem={problem}
      onGo={(frame) => {
        setOpen(false);
        onGo(frame);
      }}
    />
  );

  async function send(): Promise<void> {
    setProblem(null);
    try {
      const masks = await sentMasks(draft, plate);
      const path = { shot_id: shot.id };
      const body = base
        ? correctionBody(draft, base.shapes_version ?? 0, shapes, masks, anew)
        : segmentBody(draft, view, wanted, masks);
      const header = { "idempotency-key": keyFor(body) };
      const job = await data(
        "base_version" in body
          ? api.POST("/api/v1/shots/{shot_id}/corrections", { params: { path, header }, body })
          : api.POST("/api/v1/shots/{shot_id}/segment", { params: { path, header }, body }),
      );
      await drafting.forget();
      void queries.invalidateQueries({ queryKey: keys.jobs });
      void queries.invalidateQueries({ queryKey: keys.shot(shot.id) });
      say(`v${job.version} of ${shot.name} is submitted.`);
      void navigate(`/jobs/${job.id}`);
    } catch (error) {
      const told = mended(problemOf(error));
      setProblem(told);
      throw told;
    }
  }

  return (
    <div className={styles.sending}>
      {obstacle && <span className={bench.dim}>{obstacle}</span>}
      <Button look="main" disabled={obstacle !== null} onClick={() => setOpen(true)}>
        {base ? "Submit the correction" : "Submit"}
      </Button>
      {isOpen && !base && (
        <SubmitDialog
          objects={draft.objects.filter(hasPrompts).map(({ name }) => name)}
          first={first}
          last={last}
          wanted={wanted}
          onWanted={onWanted}
          onSubmit={send}
          onClose={() => setOpen(false)}
        >
          {refused && <ProblemBox problem={refused} />}
          {way}
        </SubmitDialog>
      )}
      {isOpen && base && (
        <CorrectDialog
          shot={shot.name}
          version={base.version}
          counts={countSaid(draft)}
          anew={anew}
          onAnew={setAnew}
          onSubmit={send}
          onClose={() => setOpen(false)}
        >
          {way}
        </CorrectDialog>
      )}
    </div>
  );
}

interface WayOutProps {
  shot: string;
  problem: Problem | null;
  onGo(frame: number): void;
}

/** Where a refusal names what has to be looked at: the way there. What was said stays. */
function WayOut({ shot, problem, onGo }: WayOutProps) {
  const latest = problem?.code === "conflict" ? problem.detail["job_id"] : null;
  const frame = problem?.detail["frame"];
  if (typeof latest === "string") {
    return (
      <p>
        <Link to={promptAddress(shot, { job: latest })}>Open the latest version</Link>: what you have said stays here until
        you submit or discard it.
      </p>
    );
  }
  if (typeof frame !== "number") return null;
  return (
    <p>
      <Button small onClick={() => onGo(frame)}>
        Go to frame {frame}
      </Button>
    </p>
  );
}

async function sentMasks({ objects }: Draft, plate: Size): Promise<Masks> {
  const found = new Map<string, string>();
  for (const { key, said } of objects) {
    for (const [frame, { paint, choice }] of Object.entries(said)) {
      if (choice) found.set(`${key}/${frame}`, await sentMask(pngOf(choice), plate));
      else if (paint) found.set(`${key}/${frame}`, await sentPaint(paint, plate));
    }
  }
  return (key, frame) => found.get(`${key}/${frame}`);
}

/** What to do about a line that was lost: nothing of the draft was. */
function mended(problem: Problem): Problem {
  if (problem.code !== "unreachable") return problem;
  const hint = "What you have said is kept. Wait until this page says Live again, then submit again: it makes one job.";
  return new Problem(problem.status, { code: problem.code, message: problem.message, hint });
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
