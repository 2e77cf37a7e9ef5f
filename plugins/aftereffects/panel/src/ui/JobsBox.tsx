/** The jobs, the one that is chosen, its result and the frames that need the artist. */

import { hasEnded } from "../../../client/src/types";
import type { Desk } from "../desk/desk";
import { objectsOf } from "../desk/jobs";
import { chosenRow, type JobRow, type PanelState } from "../desk/state";
import { count, need, status } from "../words";
import { Bar, Button, Choice, Problem, Section } from "./parts";

const MOST_NEEDED = 300;
const LONGEST_LOG = 100_000;

export function JobsBox({ desk, state }: { desk: Desk; state: PanelState }) {
  const row = chosenRow(state);
  const ready = state.server.status === "ready";
  return (
    <>
      <Section
        title="Jobs"
        aside={
          <Button onClick={() => void desk.refreshJobs()} disabled={!ready}>
            Refresh
          </Button>
        }
      >
        {state.jobs.length === 0 ? (
          <p className="hint">None yet.</p>
        ) : (
          <ul className="jobs" aria-label="Jobs">
            {state.jobs.map((one) => (
              <JobLine
                key={one.job.id}
                desk={desk}
                row={one}
                chosen={one === row}
                here={state.scene?.jobs.some((ref) => ref.job === one.job.id) ?? false}
              />
            ))}
          </ul>
        )}
        {row && <Chosen desk={desk} state={state} row={row} />}
      </Section>
      {row?.job.state === "succeeded" && <Result desk={desk} state={state} row={row} />}
    </>
  );
}

function JobLine(props: { desk: Desk; row: JobRow; chosen: boolean; here: boolean }) {
  const { desk, row, chosen } = props;
  const { job } = row;
  const objects = objectsOf(job).join(", ");
  const of = job.base_version ? ` (of ${job.base_version})` : "";
  const fraction = job.state === "succeeded" ? 1 : (job.progress.fraction ?? 0);
  const needing = Object.values(row.attention ?? {});
  const stretches = needing.reduce((sum, one) => sum + one.length, 0);
  const text = status({
    state: job.state,
    stage: job.progress.stage ?? "",
    done: job.progress.done ?? 0,
    total: job.progress.total ?? 0,
    etaSeconds: job.progress.eta_seconds ?? null,
  });
  return (
    <li>
      <button
        type="button"
        className={`job ${chosen ? "chosen" : ""}`}
        aria-pressed={chosen}
        data-job={job.id}
        data-state={job.state}
        onClick={() => desk.jobs.choose(job.id)}
      >
        <span
          className="clip"
          title={`${row.shot}: ${objects}, ${new Date(job.created_at).toLocaleString()}`}
        >
          {props.here && (
            <span className="here" title="Its masks are on the layer">
              ●{" "}
            </span>
          )}
          {row.shot} <span className="dim">{objects}</span>
        </span>
        <span className="dim">
          v{String(job.version).padStart(3, "0")}
          {of}
        </span>
        <Bar fraction={fraction} label={`${row.shot} version ${job.version}`} state={job.state} />
        <span className={`state ${job.state}`}>
          {text}
          {stretches > 0 && `, ${count(stretches, "stretch", "stretches")} to look at`}
        </span>
      </button>
    </li>
  );
}

function Chosen({ desk, state, row }: { desk: Desk; state: PanelState; row: JobRow }) {
  const { job } = row;
  const error = job.error as { message?: string; hint?: string } | null | undefined;
  const { newest, log } = state;
  const running = !hasEnded(job);
  return (
    <>
      {error?.message && <Problem message={error.message} hint={error.hint ?? ""} />}
      {newest?.job === job.id && (
        <figure className="newest">
          <img src={newest.url} alt={`Newest mask of ${newest.object}`} />
          <figcaption>
            {newest.object}, frame {newest.frame}. Wrong? Cancel now, click again, submit again.
          </figcaption>
        </figure>
      )}
      <div className="row">
        {running && (
          <Button onClick={() => void desk.cancel(job.id)} disabled={job.state === "cancelling"}>
            Cancel
          </Button>
        )}
        {(job.state === "failed" || job.state === "cancelled") && (
          <Button onClick={() => void desk.retry(job.id)}>Retry</Button>
        )}
        <Button onClick={() => void desk.log(job.id)} pressed={log?.job === job.id}>
          Log
        </Button>
      </div>
      {log?.job === job.id && (
        <pre className="log" tabIndex={0} aria-label="Log">
          {log.text.slice(-LONGEST_LOG)}
        </pre>
      )}
    </>
  );
}

function Result({ desk, state, row }: { desk: Desk; state: PanelState; row: JobRow }) {
  const { job } = row;
  const { scene, busy, choices } = state;
  const here = scene?.jobs ?? [];
  const newest = [...here].sort((a, b) => b.version - a.version)[0];
  const free = scene?.layer != null && busy === null;
  const outputs = (job.params as { outputs?: string[] }).outputs ?? ["shapes", "mattes"];
  const masks = outputs.includes("shapes");
  const mattes = outputs.includes("mattes");
  return (
    <Section
      title="Result"
      aside={
        <Choice
          label="Earlier version"
          value={choices.version}
          options={[
            ["replace", "replaced"],
            ["beside", "kept beside"],
          ]}
          onChange={(version) => desk.choices({ version })}
        />
      }
    >
      <div className="row">
        <Button main disabled={!free || !masks} onClick={() => void desk.applyMasks()}>
          Apply masks
        </Button>
        <Button disabled={!free || !mattes} onClick={() => void desk.importMattes()}>
          Import mattes
        </Button>
        <Button disabled={!free || !masks || !mattes} onClick={() => void desk.applyBoth()}>
          Apply both
        </Button>
      </div>
      <Needing desk={desk} row={row} />
      {newest && (
        <>
          <p className="hint">
            Version {newest.version} is on the layer. Change its masks by hand, or click on a frame
            that is wrong, then send that: only the stretch around it is tracked again.
          </p>
          <div className="row">
            <Button disabled={!free} onClick={() => void desk.correct(false)}>
              Correct this frame
            </Button>
            <Button disabled={!free} onClick={() => void desk.correct(true)}>
              Send all my edits
            </Button>
            <Button disabled={!free} onClick={() => void desk.correctClicks()}>
              Correct with clicks
            </Button>
          </div>
        </>
      )}
    </Section>
  );
}

function Needing({ desk, row }: { desk: Desk; row: JobRow }) {
  const needed = Object.entries(row.attention ?? {})
    .flatMap(([name, stretches]) => stretches.map((stretch) => ({ name, stretch })))
    .sort((a, b) => a.stretch.confidence - b.stretch.confidence);
  if (row.attention === null) return null;
  if (needed.length === 0) return <p className="hint">The farm is sure of every frame.</p>;
  return (
    <>
      <h3>Frames that need you</h3>
      <ul className="needing" aria-label="Frames that need you">
        {needed.slice(0, MOST_NEEDED).map(({ name, stretch }) => (
          <li key={`${name} ${stretch.first}`}>
            <button type="button" className="plain" onClick={() => void desk.goTo(stretch.worst)}>
              {need(name, stretch)}
            </button>
          </li>
        ))}
      </ul>
      {needed.length > MOST_NEEDED && (
        <p className="hint">and {needed.length - MOST_NEEDED} less doubtful ones</p>
      )}
    </>
  );
}
