/** The plate: what it is, its frame with what is said on it, and the tools. */

import { useEffect, useState } from "react";

import type { ShownPrompt } from "../canvas/draw";
import type { Tool } from "../canvas/gestures";
import { PlateCanvas } from "../canvas/PlateCanvas";
import type { Desk } from "../desk/desk";
import type { PanelState } from "../desk/state";
import * as prompts from "../model/prompts";
import { span } from "../words";
import { Button, Problem, Section, Tick } from "./parts";

const TOOLS: readonly (readonly [Tool, string, string])[] = [
  ["add", "Point on the object", "+"],
  ["remove", "Point beside it", "−"],
  ["box", "Box", "▭"],
];
const OTHER: readonly [number, number, number] = [0.85, 0.85, 0.85];

export function PlateBox(props: { desk: Desk; state: PanelState }) {
  const { desk, state } = props;
  const { scene, frame, sceneTrouble } = state;
  const plate = scene?.plate ?? null;
  return (
    <Section title="Plate" aside={<PlateLine state={state} />}>
      {sceneTrouble && <Problem {...sceneTrouble} />}
      {scene?.refusals.map((one) => (
        <Problem key={one.code} message={one.message} hint={one.hint} />
      ))}
      {scene?.notes.map((note) => (
        <p className="hint" key={note}>
          {note}
        </p>
      ))}
      {plate && frame !== null && (
        <>
          <Tools desk={desk} state={state} />
          <Picture desk={desk} state={state} />
          <FrameLine desk={desk} state={state} />
        </>
      )}
    </Section>
  );
}

function PlateLine({ state }: { state: PanelState }) {
  const plate = state.scene?.plate;
  if (!plate) return null;
  const name = plate.path.replace(/^.*[\\/]/, "");
  const aspect = plate.pixelAspect === 1 ? "" : `, pixel aspect ${plate.pixelAspect.toFixed(3)}`;
  return (
    <span className="dim clip" title={plate.path} data-testid="plate-line">
      {name} · {plate.width} × {plate.height}
      {aspect} · {span(plate.firstFrame, plate.lastFrame)}
    </span>
  );
}

function Tools({ desk, state }: { desk: Desk; state: PanelState }) {
  const { history } = state;
  return (
    <div className="row">
      <div className="tools" role="radiogroup" aria-label="Tool">
        {TOOLS.map(([tool, label, sign]) => (
          <label key={tool} className={state.tool === tool ? "on" : ""} title={label}>
            <input
              type="radio"
              name="tool"
              aria-label={label}
              checked={state.tool === tool}
              onChange={() => desk.setTool(tool)}
            />
            <span aria-hidden="true" className={tool}>
              {sign}
            </span>
          </label>
        ))}
      </div>
      <Button onClick={() => desk.undo()} disabled={history.past.length === 0}>
        Undo
      </Button>
      <Button onClick={() => desk.redo()} disabled={history.future.length === 0}>
        Redo
      </Button>
      <span className="grow" />
      <Tick
        label="Live"
        title="Show the mask after every click"
        checked={state.choices.live}
        onChange={(live) => desk.choices({ live })}
      />
      <Button
        onClick={() => void desk.preview()}
        disabled={!state.shotId || state.server.status !== "ready"}
        title={state.shotId ? undefined : "The farm needs the plate first: Send the plate"}
      >
        Preview
      </Button>
    </div>
  );
}

function Picture({ desk, state }: { desk: Desk; state: PanelState }) {
  const { scene, frame, picture, previewed, history } = state;
  const plate = scene!.plate!;
  const here = picture?.frame === frame ? picture : null;
  const masks = previewed?.frame === frame ? previewed.masks : [];
  const own = prompts.objectOf(history.present, history.present.chosen);
  return (
    <div className="picture">
      <PlateCanvas
        plate={plate}
        pixelAspect={plate.pixelAspect}
        frame={frame}
        picture={here}
        pictureFrame={here?.frame ?? null}
        masks={masks.map((one) => one.image)}
        maskFrame={masks.length > 0 ? frame : null}
        prompts={shown(state)}
        own={own ? prompts.promptOn(own, frame!) : prompts.emptyPrompt(frame!)}
        tool={state.tool}
        onClick={(x, y, positive) =>
          desk.sayHere((all, id, at) => prompts.addClick(all, id, at, { x, y, positive }))
        }
        onBox={(box) => desk.sayHere((all, id, at) => prompts.setBox(all, id, at, box))}
        onMove={(place, x, y, first) =>
          desk.sayHere((all, id, at) => prompts.moveClick(all, id, at, place, x, y), first)
        }
        onRemove={(place) => desk.sayHere((all, id, at) => prompts.removeClick(all, id, at, place))}
        onUndo={() => desk.undo()}
        onRedo={() => desk.redo()}
        onStep={(frames) => void desk.goTo(frame! + frames)}
      />
      {!here && <Missing desk={desk} state={state} />}
      {state.previewing && (
        <span className="corner" role="status">
          Looking…
        </span>
      )}
      <p id="plate-keys" className="hidden">
        Arrow keys move a cross, Shift in large steps; Enter does what the tool says there, minus
        says it is beside the object, Delete takes the nearest point away; Page Up and Page Down
        change the frame; F shows the whole plate.
      </p>
    </div>
  );
}

function Missing({ desk, state }: { desk: Desk; state: PanelState }) {
  const ready = state.server.status === "ready";
  if (state.shotId && ready) return null;
  return (
    <div className="missing">
      <p>No picture yet.</p>
      <div className="row">
        <Button main onClick={() => void desk.sendPlate()} disabled={!ready || state.busy !== null}>
          Send the plate
        </Button>
        <Button onClick={() => void desk.hostPicture()} disabled={state.busy !== null}>
          Picture from After Effects
        </Button>
      </div>
      {!ready && <p className="hint">Connect to the farm to see its picture and previews.</p>}
    </div>
  );
}

function FrameLine({ desk, state }: { desk: Desk; state: PanelState }) {
  const { frame, previewed } = state;
  const [typed, setTyped] = useState(String(frame));
  useEffect(() => setTyped(String(frame)), [frame]);
  const plate = state.scene!.plate!;

  function go(text: string): void {
    const wanted = Number(text);
    if (text.trim() === "" || !Number.isInteger(wanted)) setTyped(String(frame));
    else if (wanted !== frame) void desk.goTo(wanted);
  }

  return (
    <div className="row">
      <Button onClick={() => void desk.goTo(frame! - 1)} disabled={frame! <= plate.firstFrame}>
        <span aria-label="Frame before">◀</span>
      </Button>
      <input
        className="frame"
        type="number"
        aria-label="Frame"
        value={typed}
        min={plate.firstFrame}
        max={plate.lastFrame}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={(event) => go(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(event.currentTarget.value);
        }}
      />
      <Button onClick={() => void desk.goTo(frame! + 1)} disabled={frame! >= plate.lastFrame}>
        <span aria-label="Frame after">▶</span>
      </Button>
      <span className="grow" />
      {previewed?.frame === frame &&
        previewed.masks.map((mask) => (
          <span className="dim" key={mask.object} data-testid="mask-line">
            {mask.object}: {Math.round(mask.score * 100)}% sure{" "}
            {mask.candidates > 1 && (
              <Button onClick={() => void desk.otherMask(mask.object)}>
                Other mask {mask.candidate + 1}/{mask.candidates}
              </Button>
            )}
          </span>
        ))}
    </div>
  );
}

function shown(state: PanelState): ShownPrompt[] {
  const { history, native, frame } = state;
  const { objects, chosen } = history.present;
  const own = objects
    .filter((one) => one.enabled)
    .map((one) => ({
      prompt: prompts.promptOn(one, frame!),
      color: one.color,
      chosen: one.id === chosen,
      native: false,
    }));
  const host = native.flatMap(({ name, prompts: said }) =>
    said
      .filter((one) => one.frame === frame)
      .map((one) => ({
        prompt: {
          ...prompts.emptyPrompt(one.frame),
          points: one.points ?? [],
          box: one.box ?? null,
        },
        color: objects.find((object) => object.name === name)?.color ?? OTHER,
        chosen: false,
        native: true,
      })),
  );
  return [...host, ...own];
}
