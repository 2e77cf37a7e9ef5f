/** A matte of the farm as footage, and as the plate layer's track matte. */

import type { At, Json, MatteInput, MatteLayer } from "../contract/host";
import * as ae from "./ae";
import { timeOf } from "./clock";
import { recall, remember } from "./memory";
import { numberIn } from "./plate";
import { problem } from "./problem";
import { Ground, layerById, openGround } from "./scene";

const FOLDER = "Megaton Roto";
const MATTES = "mattes";

export function importMatte(input: At & MatteInput): MatteLayer {
  const place = openGround(input);
  if (!ae.fileExists(input.firstFile)) {
    throw problem(
      "matte_missing",
      "There is no matte " + input.firstFile,
      "Fetch the mattes again."
    );
  }
  const number = numberIn(input.firstFile);
  const first = input.firstFrame === undefined ? number : input.firstFrame;
  if (first === null) {
    throw problem(
      "bad_call",
      "Nobody says with which plate frame the matte starts.",
      "Fetch the mattes again."
    );
  }
  return ae.undoable("Megaton Roto matte", function () {
    const footage = ae.importPath(input.firstFile, number !== null);
    if (!footage) {
      throw problem(
        "bad_data",
        "After Effects cannot read the matte " + input.firstFile,
        "Fetch the mattes again."
      );
    }
    footage.parentFolder = matteFolder();
    footage.name = input.name;
    if (!footage.mainSource.isStill) {
      footage.mainSource.conformFrameRate = 1 / place.comp.frameDuration;
    }
    ae.readStraight(footage.mainSource);
    footage.pixelAspect = place.plate.pixelAspect;
    const old = input.replace ? knownMatte(place, input.name) : null;
    const layer = old || (place.comp.layers.add(footage) as AVLayer);
    if (old) {
      old.replaceSource(footage, false);
    }
    layer.name = input.name;
    fit(layer, footage, place, first);
    const said = notes(footage, place);
    if (!old) {
      hang(layer, place, input, said);
    }
    layer.enabled = false;
    keepMatte(place, input.name, layer.id);
    return {
      layer: { comp: place.comp.id, layer: layer.id },
      name: layer.name,
      replaced: old !== null,
      notes: said
    };
  });
}

/**
 * Makes the layer the plate's track matte, unless it has one: the matte of another object is not
 * pushed away, and stays directly above the plate, where After Effects before 23 looks for it.
 */
function hang(layer: AVLayer, place: Ground, input: MatteInput, said: string[]): void {
  if (place.layer.hasTrackMatte) {
    const above = place.comp.layer(place.layer.index - 1);
    if (above.id !== layer.id) {
      layer.moveBefore(above);
    }
    const words = " lies hidden above the plate, which has a track matte already: ";
    said.push(input.name + words + "choose it there, or use it on a copy of the plate.");
    return;
  }
  layer.moveBefore(place.layer);
  ae.useAsMatte(place.layer, layer, input.mode);
}

/** Over the plate at every time: hung on it with its own origin, in step with its frames. */
function fit(layer: AVLayer, footage: FootageItem, place: Ground, first: number): void {
  layer.startTime = timeOf(place.clock, first);
  layer.threeDLayer = place.layer.threeDLayer;
  layer.parent = place.layer;
  const group = layer.property(ae.TRANSFORM) as PropertyGroup;
  const width = (100 * place.plate.width) / footage.width;
  const height = (100 * place.plate.height) / footage.height;
  set(group, "ADBE Anchor Point", [0, 0, 0]);
  set(group, "ADBE Position", [0, 0, 0]);
  set(group, "ADBE Scale", [width, height, 100]);
  set(group, "ADBE Rotate Z", 0);
}

/** Three numbers fit flat layers and those in space. */
function set(group: PropertyGroup, id: string, value: unknown): void {
  (group.property(id) as Property).setValue(value as never);
}

function notes(footage: FootageItem, place: Ground): string[] {
  const plate = place.plate;
  if (footage.width * plate.height === footage.height * plate.width) {
    return [];
  }
  return [
    "The matte has another shape than the plate (" +
      footage.width +
      " x " +
      footage.height +
      "); it is stretched over it."
  ];
}

function matteFolder(): FolderItem {
  const project = ae.project();
  for (let i = 1; i <= project.numItems; i++) {
    const folder = ae.asFolder(project.item(i));
    if (folder && folder.name === FOLDER) {
      return folder;
    }
  }
  return project.items.addFolder(FOLDER);
}

function knownMatte(place: Ground, name: string): AVLayer | null {
  const kept = recall(place.layer, MATTES) as { [name: string]: number } | null;
  return kept && kept.hasOwnProperty(name) ? layerById(place.comp, kept[name]) : null;
}

function keepMatte(place: Ground, name: string, id: number): void {
  const before = recall(place.layer, MATTES) as { [name: string]: Json } | null;
  const known = before || {}; // in ES3 null has no for-in
  const kept: { [name: string]: Json } = {};
  for (const other in known) {
    if (known.hasOwnProperty(other)) {
      kept[other] = known[other];
    }
  }
  kept[name] = id;
  remember(place.layer, MATTES, kept);
}
