/** The composition's picture as a file, and where the plate lies in it. */

import type { At, SavedFrame } from "../contract/host";
import * as ae from "./ae";
import { problem } from "./problem";
import { frameTime, ground, Ground } from "./scene";

let count = 0;
/** The picture before, which the panel has read by now. */
let last = "";

/** The file is written after the script has ended; see the contract. Moves the time indicator. */
export function saveFrame(input: At & { frame: number }): SavedFrame {
  const place = ground(input);
  const time = frameTime(place, input.frame);
  place.comp.time = time; // points are mapped at the current time
  const toPicture = mapping(place);
  count++;
  const path = ae.passingFile("frame-" + place.comp.id + "-" + input.frame + "-" + count + ".png");
  if (path === null) {
    throw problem(
      "cannot_write",
      "After Effects cannot write a picture into its temporary folder.",
      "Is the disk full? Take the picture from the server instead."
    );
  }
  ae.removeFile(last);
  last = path;
  ae.writePicture(place.comp, time, path);
  return { file: path, frame: input.frame, toPicture: toPicture };
}

function mapping(place: Ground): SavedFrame["toPicture"] {
  const layer = place.layer;
  const w = place.plate.width;
  const h = place.plate.height;
  const origin = layer.sourcePointToComp([0, 0]);
  const right = layer.sourcePointToComp([w, 0]);
  const below = layer.sourcePointToComp([0, h]);
  const corner = layer.sourcePointToComp([w, h]);
  const bentX = Math.abs(right[0] + below[0] - origin[0] - corner[0]);
  const bentY = Math.abs(right[1] + below[1] - origin[1] - corner[1]);
  if (layer.threeDLayer || bentX + bentY > 0.5) {
    throw problem(
      "not_flat",
      "The layer stands in 3D space, so a click on its picture cannot be told in plate pixels.",
      "Turn the layer's 3D switch off, or take the picture from the server."
    );
  }
  const fx = place.comp.resolutionFactor[0];
  const fy = place.comp.resolutionFactor[1];
  return [
    (right[0] - origin[0]) / w / fx,
    (right[1] - origin[1]) / w / fy,
    (below[0] - origin[0]) / h / fx,
    (below[1] - origin[1]) / h / fy,
    origin[0] / fx,
    origin[1] / fy
  ];
}
