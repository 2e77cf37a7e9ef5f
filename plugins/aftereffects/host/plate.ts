/** The footage behind a layer as a plate: which files, which frames, and what is not told right. */

import type { HostProblem, PlateInfo } from "../contract/host";
import * as ae from "./ae";
import { problem } from "./problem";

/** The last number in a file's name, before its extension. */
const NUMBER = /^(.*[^\d]|)(\d+)([^\d\\\/]*\.[^.\\\/]+)$/;
/** Share of a frame by which plate and composition may drift apart over the whole plate. */
const DRIFT = 0.1;

/** What is wrong with a layer whose source is no plate; null when it is footage from a file. */
export function sourceProblem(layer: AVLayer): HostProblem | null {
  if (ae.asComp(layer.source)) {
    return problem(
      "precomp",
      "The layer is a composition, which has no plate of its own.",
      "Open it (double-click the layer) and select the layer of the plate in it."
    );
  }
  const footage = ae.asFootage(layer.source);
  const source = footage ? ae.asFileSource(footage.mainSource) : null;
  if (!source) {
    return problem(
      "no_plate",
      "The layer has no footage from a file.",
      "Select the layer of the plate: an image sequence or a movie."
    );
  }
  return source.isStill
    ? problem(
        "still",
        "The layer is a still picture.",
        "Import the plate as a sequence (tick the sequence box in the import dialog)."
      )
    : null;
}

/** The layer's plate. Its source is known to be footage from a file that is no still. */
export function plateOf(layer: AVLayer): PlateInfo {
  const footage = layer.source as FootageItem;
  const source = footage.mainSource as FileSource;
  const missing = footage.footageMissing;
  const file = missing ? source.missingFootagePath : ae.pathOf(source.file);
  const rate = source.displayFrameRate;
  const count = Math.max(1, Math.round((footage.duration * rate) / source.loop));
  const numbered = isMovie(file) ? null : NUMBER.exec(file);
  const first = numbered ? parseInt(numbered[2], 10) : 1;
  return {
    kind: numbered ? "sequence" : "movie",
    path: numbered ? numbered[1] + hashes(numbered[2].length) + numbered[3] : file,
    file: file,
    firstFrame: first,
    lastFrame: first + count - 1,
    width: footage.width,
    height: footage.height,
    pixelAspect: footage.pixelAspect,
    fps: rate,
    missing: missing,
    proxy: proxyOf(footage)
  };
}

function proxyOf(footage: FootageItem): PlateInfo["proxy"] {
  const source = ae.asFileSource(footage.proxySource);
  return source ? { path: ae.pathOf(source.file), inUse: footage.useProxy } : null;
}

function isMovie(path: string): boolean {
  return /\.(mov|mp4|m4v|mxf|avi|mkv|webm|mpg|mpeg|r3d|braw|ari)$/i.test(path);
}

function hashes(count: number): string {
  let made = "";
  while (made.length < count) {
    made += "#";
  }
  return made;
}

/** The number in the name of a sequence's file; null where there is none. */
export function numberIn(path: string): number | null {
  const parts = NUMBER.exec(path);
  return parts && !isMovie(path) ? parseInt(parts[2], 10) : null;
}

/** Everything for which frames or pixels of the plate would not be told right. */
export function plateProblems(comp: CompItem, layer: AVLayer, plate: PlateInfo): HostProblem[] {
  const source = (layer.source as FootageItem).mainSource;
  const found = timeProblems(comp, layer, plate);
  if (plate.missing) {
    found.push(
      problem(
        "missing_footage",
        "After Effects does not find the plate: " + plate.file,
        "Replace the footage (right-click it in the Project panel) or mount its disk."
      )
    );
  }
  if (!ae.isProgressive(source)) {
    found.push(
      problem(
        "interlaced",
        "The footage's fields are separated.",
        "Set Separate Fields to Off in Interpret Footage, or send a progressive plate."
      )
    );
  }
  if (ae.hasPulldown(source)) {
    found.push(
      problem(
        "pulldown",
        "Pulldown is removed from the footage, so its frames are not those of the file.",
        "Set Remove Pulldown to Off, or send a plate without pulldown."
      )
    );
  }
  if (source.loop > 1) {
    found.push(
      problem(
        "looped",
        "The footage is looped, so a plate frame is shown more than once.",
        "Set Loop to 1 in Interpret Footage."
      )
    );
  }
  return found;
}

function timeProblems(comp: CompItem, layer: AVLayer, plate: PlateInfo): HostProblem[] {
  const found: HostProblem[] = [];
  if (layer.timeRemapEnabled) {
    found.push(
      problem(
        "time_remap",
        "The layer is time-remapped.",
        "Roto the plate in its own time, on a layer without time remapping; remap a precomposition."
      )
    );
  }
  const stretch = stretchProblem(layer.stretch);
  if (stretch) {
    found.push(stretch);
  }
  if (layer.frameBlending) {
    found.push(
      problem(
        "frame_blending",
        "Frame blending is on, so the picture is not the plate's.",
        "Turn the layer's frame blending off."
      )
    );
  }
  const frames = plate.lastFrame - plate.firstFrame + 1;
  if (Math.abs(plate.fps * comp.frameDuration - 1) * frames > DRIFT) {
    found.push(
      problem(
        "rate_mismatch",
        "The plate runs at " +
          plate.fps +
          " and the composition at " +
          comp.frameRate +
          " frames a second.",
        "Give both the same rate: Interpret Footage, or Composition Settings."
      )
    );
  }
  const start = layer.startTime / comp.frameDuration;
  if (Math.abs(start - Math.round(start)) > 0.01) {
    found.push(
      problem(
        "off_grid",
        "The layer starts between two frames of the composition.",
        "Drag the layer a little: it snaps to a frame."
      )
    );
  }
  return found;
}

function stretchProblem(stretch: number): HostProblem | null {
  if (stretch < 0) {
    return problem(
      "reversed",
      "The layer runs backwards.",
      "Roto it forwards, and reverse it in a precomposition."
    );
  }
  return stretch === 100
    ? null
    : problem(
        "stretched",
        "The layer is stretched in time to " + stretch + " %.",
        "Set Stretch to 100 %."
      );
}
