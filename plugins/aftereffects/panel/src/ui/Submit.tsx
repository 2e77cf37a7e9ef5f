/** What the job is to be like, and the button. */

import type { OutputKind } from "../../../client/src/types";
import type { Desk } from "../desk/desk";
import type { PanelState } from "../desk/state";
import { span } from "../words";
import { Button, Choice, Field, Section, Tick } from "./parts";

const OUTPUTS: readonly (readonly [OutputKind, string])[] = [
  ["shapes", "Masks"],
  ["mattes", "Mattes"],
  ["overlay", "Overlay movie"],
  ["contact_sheet", "Contact sheet"],
];

export function Submit({ desk, state }: { desk: Desk; state: PanelState }) {
  const { choices, scene, server, busy, history, native } = state;
  const shown = scene?.shown;
  const prompted = history.present.objects.some((one) => one.enabled && one.prompts.length > 0);
  const ready = server.status === "ready" && scene?.plate && scene.refusals.length === 0;
  return (
    <Section title="Submit">
      <div className="grid">
        <Field
          label="Project"
          value={choices.project}
          onChange={(project) => desk.choices({ project })}
        />
        <Field
          label="Shot"
          value={choices.shot}
          placeholder="named after the plate"
          onChange={(shot) => desk.choices({ shot })}
        />
        <Field
          label="Frames"
          value={choices.frames}
          placeholder={shown ? span(shown[0], shown[1]) : "all the layer shows"}
          onChange={(frames) => desk.choices({ frames })}
        />
        <Choice
          label="Priority"
          value={choices.priority}
          options={[
            ["high", "High"],
            ["normal", "Normal"],
            ["low", "Low"],
          ]}
          onChange={(priority) => desk.choices({ priority })}
        />
        <Choice
          label="Engine"
          value={choices.engine}
          options={[
            ["auto", "Best there is"],
            ["sam2", "SAM 2"],
            ["flow", "Flow (no GPU)"],
          ]}
          onChange={(engine) => desk.choices({ engine })}
        />
        <Choice
          label="Outlines"
          value={choices.outlines}
          options={[
            ["", "Usual (1 px)"],
            ["0.5", "Close (0.5 px)"],
            ["0.25", "Closest (0.25 px)"],
          ]}
          onChange={(outlines) => desk.choices({ outlines })}
        />
        <Choice
          label="Plate"
          value={choices.transfer}
          options={[
            ["auto", "In place, else uploaded"],
            ["path", "In place"],
            ["upload", "Uploaded"],
          ]}
          onChange={(transfer) => desk.choices({ transfer })}
        />
        <Field
          label="Paths"
          value={choices.pathRules}
          placeholder="Z:\shows=/mnt/shows"
          title="What the farm calls our folders: OURS=THEIRS, several with ; between"
          onChange={(pathRules) => desk.choices({ pathRules })}
        />
      </div>
      <div className="row">
        {OUTPUTS.map(([output, label]) => (
          <Tick
            key={output}
            label={label}
            checked={choices.outputs.includes(output)}
            onChange={(on) =>
              desk.choices({
                outputs: on
                  ? [...choices.outputs, output]
                  : choices.outputs.filter((one) => one !== output),
              })
            }
          />
        ))}
        <span className="grow" />
        <Button
          main
          disabled={!ready || busy !== null || !(prompted || native.length > 0)}
          onClick={() => void desk.submit()}
        >
          Submit
        </Button>
      </div>
    </Section>
  );
}
