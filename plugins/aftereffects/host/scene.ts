/** Which layer is meant, whether it can be worked on, and what the panel is told of it. */

import type { At, CompInfo, HostProblem, LayerRef, PlateInfo, Scene } from "../contract/host";
import { CONTRACT_VERSION } from "../contract/host";
import * as ae from "./ae";
import { Clock, clockOf, frameAt } from "./clock";
import { jobsOn } from "./memory";
import { plateOf, plateProblems, sourceProblem } from "./plate";
import { problem } from "./problem";

/** A layer with its plate, ready to be read and drawn on. */
export interface Ground {
  comp: CompItem;
  layer: AVLayer;
  plate: PlateInfo;
  clock: Clock;
}

interface Found {
  comp: CompItem | null;
  layer: AVLayer | null;
  refusal: HostProblem | null;
}

/** The layer of `at`, or the selected one. Throws why it cannot be used. */
export function ground(input: At): Ground {
  const found = find(input.at);
  if (found.refusal || !found.comp || !found.layer) {
    throw found.refusal;
  }
  const refusal = sourceProblem(found.layer);
  if (refusal) {
    throw refusal;
  }
  const plate = plateOf(found.layer);
  const others = plateProblems(found.comp, found.layer, plate);
  for (let i = 0; i < others.length; i++) {
    if (others[i].code !== "missing_footage") {
      throw others[i];
    }
  }
  return {
    comp: found.comp,
    layer: found.layer,
    plate: plate,
    clock: clockOf(found.comp, found.layer, plate.firstFrame)
  };
}

/** As `ground`, for what changes the layer. */
export function openGround(input: At): Ground {
  const place = maskGround(input);
  if (place.layer.locked) {
    throw lockedProblem();
  }
  return place;
}

/** As `ground`, on a layer that can have masks. */
export function maskGround(input: At): Ground {
  const place = ground(input);
  if (!ae.masksOf(place.layer)) {
    throw problem("no_masks", "This layer cannot hold masks.", "Select the layer of the plate.");
  }
  return place;
}

/** The layer alone, whatever its source: for what is kept with it. */
export function anyLayer(input: At): AVLayer {
  const found = find(input.at);
  if (!found.layer) {
    throw found.refusal;
  }
  return found.layer;
}

function lockedProblem(): HostProblem {
  return problem("locked", "The layer is locked.", "Unlock it in the timeline.");
}

function find(at?: LayerRef): Found {
  if (!ae.project()) {
    return nothing(
      problem("no_project", "No project is open.", "Open the project with the plate.")
    );
  }
  return at ? findRef(at) : findSelected();
}

function nothing(refusal: HostProblem, comp?: CompItem): Found {
  return { comp: comp || null, layer: null, refusal: refusal };
}

function findSelected(): Found {
  const comp = ae.shownComp();
  if (!comp) {
    return nothing(
      problem("no_comp", "No composition is open.", "Open the composition with the plate.")
    );
  }
  const selected = comp.selectedLayers;
  if (selected.length > 1) {
    const words = selected.length + " layers are selected.";
    return nothing(problem("many_layers", words, "Select only the layer of the plate."), comp);
  }
  const layer = selected.length === 1 ? ae.asLayer(selected[0]) : null;
  if (!layer) {
    const words = selected.length
      ? "The selected layer shows no picture."
      : "No layer is selected.";
    return nothing(problem("no_layer", words, "Select the layer of the plate."), comp);
  }
  return { comp: comp, layer: layer, refusal: null };
}

function findRef(at: LayerRef): Found {
  const comps = ae.comps();
  for (let i = 0; i < comps.length; i++) {
    const layer = comps[i].id === at.comp ? layerById(comps[i], at.layer) : null;
    if (layer) {
      return { comp: comps[i], layer: layer, refusal: null };
    }
  }
  return nothing(
    problem(
      "layer_gone",
      "The layer is not in the project any more.",
      "Select the layer of the plate."
    )
  );
}

/** The layer of an id; null where there is none of it. */
export function layerById(comp: CompItem, id: number): AVLayer | null {
  for (let i = 1; i <= comp.numLayers; i++) {
    const layer = comp.layer(i);
    if (layer.id === id) {
      return ae.asLayer(layer);
    }
  }
  return null;
}

// --- describe

export function describe(input: At): Scene {
  const found = find(input.at);
  const file = ae.project() ? ae.project().file : null;
  const scene: Scene = {
    version: ae.version(),
    contract: CONTRACT_VERSION,
    projectPath: file ? file.fsName : null,
    projectName: file ? file.displayName : "",
    comp: found.comp ? compInfo(found.comp) : null,
    layer: null,
    plate: null,
    frame: null,
    shown: null,
    refusals: found.refusal ? [found.refusal] : [],
    notes: [],
    jobs: []
  };
  if (found.comp && found.layer) {
    describeLayer(scene, found.comp, found.layer);
  }
  return scene;
}

function compInfo(comp: CompItem): CompInfo {
  return {
    id: comp.id,
    name: comp.name,
    width: comp.width,
    height: comp.height,
    pixelAspect: comp.pixelAspect,
    fps: comp.frameRate
  };
}

function describeLayer(scene: Scene, comp: CompItem, layer: AVLayer): void {
  scene.layer = { ref: { comp: comp.id, layer: layer.id }, name: layer.name, index: layer.index };
  const refusal = sourceProblem(layer);
  if (refusal) {
    scene.refusals.push(refusal);
    return;
  }
  const plate = plateOf(layer);
  scene.plate = plate;
  scene.refusals = scene.refusals.concat(plateProblems(comp, layer, plate));
  if (layer.locked) {
    scene.refusals.push(lockedProblem());
  }
  if (plate.proxy && plate.proxy.inUse) {
    scene.notes.push("After Effects shows the proxy; the farm works on the plate itself.");
  }
  scene.jobs = jobsOn(layer);
  describeTime(scene, comp, layer, plate);
}

function describeTime(scene: Scene, comp: CompItem, layer: AVLayer, plate: PlateInfo): void {
  const clock = clockOf(comp, layer, plate.firstFrame);
  const first = Math.max(plate.firstFrame, frameAt(clock, Math.max(0, layer.inPoint)));
  const last = Math.min(
    plate.lastFrame,
    frameAt(clock, Math.min(comp.duration, layer.outPoint)) - 1
  );
  if (first > last) {
    return;
  }
  scene.shown = [first, last];
  const now = frameAt(clock, comp.time);
  scene.frame = now >= first && now <= last ? now : null;
}

/** Put the time indicator on a plate frame. */
export function goTo(input: At & { frame: number }): { frame: number } {
  const place = ground(input);
  const time = frameTime(place, input.frame);
  place.comp.time = time;
  place.comp.openInViewer();
  return { frame: input.frame };
}

/** Seconds of a plate frame, which the plate has and the composition reaches. */
export function frameTime(place: Ground, frame: number): number {
  const plate = place.plate;
  const clock = place.clock;
  const time = (clock.start + frame - clock.firstFrame) * clock.frameDuration;
  const end = place.comp.duration - clock.frameDuration / 2;
  if (frame < plate.firstFrame || frame > plate.lastFrame || time < 0 || time > end) {
    throw problem(
      "outside_plate",
      "The composition does not show plate frame " + frame + ".",
      "The plate has frames " +
        plate.firstFrame +
        " to " +
        plate.lastFrame +
        "; is the layer trimmed or moved?"
    );
  }
  return time;
}
