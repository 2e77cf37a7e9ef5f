/** The things that get a matte of their own, and what is said about each. */

import { useEffect, useState } from "react";

import { css } from "../canvas/draw";
import type { Desk } from "../desk/desk";
import type { PanelState } from "../desk/state";
import * as prompts from "../model/prompts";
import { framesFromText } from "../model/request";
import { span } from "../words";
import { Button, Section, Tick } from "./parts";

const NATIVE =
  "Masks named box:hero or neg:hero, Point Controls named +hero or -hero, " +
  "selected masks as outlines";

export function Objects({ desk, state }: { desk: Desk; state: PanelState }) {
  const { objects, chosen } = state.history.present;
  const own = prompts.objectOf(state.history.present, chosen);
  const names = new Set(objects.map((one) => one.name.toLowerCase()));
  const beside = state.native.filter((one) => !names.has(one.name.toLowerCase()));
  return (
    <Section title="Objects" aside={<Button onClick={() => desk.addObject()}>Add object</Button>}>
      <ul className="objects" aria-label="Objects">
        {objects.map((one) => (
          <ObjectLine key={one.id} desk={desk} object={one} chosen={one.id === chosen} />
        ))}
        {beside.map((one) => (
          <li key={one.name} className="object">
            <span className="dim">{one.name}</span>
            <span className="dim clip">
              of the layer: {one.prompts.map((said) => said.frame).join(", ")}
            </span>
          </li>
        ))}
      </ul>
      {objects.length === 0 && beside.length === 0 && (
        <p className="hint">
          Click on the thing you want to isolate; a drag draws a box around it.
        </p>
      )}
      <div className="row">
        {own && <Here desk={desk} state={state} object={own} />}
        <span className="grow" />
        <Button
          title={NATIVE}
          onClick={() => void desk.readNative(true)}
          disabled={!state.scene?.plate}
        >
          Read prompts of the layer
        </Button>
      </div>
    </Section>
  );
}

function ObjectLine(props: { desk: Desk; object: prompts.RotoObject; chosen: boolean }) {
  const { desk, object, chosen } = props;
  const said = object.prompts.map((one) => `${one.frame}: ${prompts.summary(one)}`).join(",  ");
  return (
    <li
      className={`object ${chosen ? "chosen" : ""}`}
      aria-current={chosen}
      onClick={() => desk.choose(object.id)}
    >
      <input
        type="checkbox"
        aria-label={`Send ${object.name}`}
        checked={object.enabled}
        onChange={(event) => {
          const on = event.target.checked;
          desk.say((all) => prompts.setEnabled(all, object.id, on));
        }}
      />
      <input
        type="color"
        aria-label={`Colour of ${object.name}`}
        value={hex(object.color)}
        style={{ background: css(object.color) }}
        onChange={(event) => {
          const color = rgb(event.target.value);
          desk.say((all) => prompts.setColor(all, object.id, color));
        }}
      />
      <Name desk={desk} object={object} />
      <span className="dim clip grow" title={said} data-testid="said">
        {said}
      </span>
      <button
        type="button"
        className="plain"
        aria-label={`Remove ${object.name}`}
        onClick={(event) => {
          event.stopPropagation();
          desk.say((all) => prompts.removeObject(all, object.id));
        }}
      >
        ✕
      </button>
    </li>
  );
}

function Name({ desk, object }: { desk: Desk; object: prompts.RotoObject }) {
  const [typed, setTyped] = useState(object.name);
  useEffect(() => setTyped(object.name), [object.name]);

  function rename(): void {
    if (typed.trim() === object.name) return;
    desk.say((all) => prompts.renameObject(all, object.id, typed));
    setTyped(object.name);
  }

  return (
    <input
      className="name"
      aria-label={`Name of ${object.name}`}
      value={typed}
      onFocus={() => desk.choose(object.id)}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={rename}
      onKeyDown={(event) => {
        if (event.key === "Enter") rename();
        if (event.key === "Escape") setTyped(object.name);
      }}
    />
  );
}

/** What can be said of the chosen object beside clicks. */
function Here(props: { desk: Desk; state: PanelState; object: prompts.RotoObject }) {
  const { desk, state, object } = props;
  const { frame } = state;
  const kept = object.range ? span(object.range[0], object.range[1]) : "";
  const [typed, setTyped] = useState(kept);
  useEffect(() => setTyped(kept), [kept, object.id]);
  if (frame === null) return null;
  const said = prompts.promptOn(object, frame);
  return (
    <>
      <Tick
        label="Absent here"
        title="The object is not in the picture on this frame"
        checked={said.absent}
        onChange={(absent) => desk.sayHere((all, id, at) => prompts.setAbsent(all, id, at, absent))}
      />
      <Button
        disabled={prompts.isEmpty(said)}
        onClick={() => desk.sayHere((all, id, at) => prompts.clearFrame(all, id, at))}
      >
        Clear this frame
      </Button>
      <input
        className="range"
        aria-label={`In and out of ${object.name}`}
        title="Frames it exists on, such as 1001-1050; elsewhere its matte is empty"
        placeholder="in-out"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() =>
          typed !== kept &&
          desk.say((all) => prompts.setRange(all, object.id, framesFromText(typed)))
        }
      />
    </>
  );
}

function hex(color: prompts.RotoObject["color"]): string {
  return `#${color
    .map((one) =>
      Math.round(255 * one)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

function rgb(text: string): [number, number, number] {
  const part = (at: number): number => parseInt(text.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}
