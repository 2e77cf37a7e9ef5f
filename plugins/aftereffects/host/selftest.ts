/** The host's own arithmetic tried in the program it runs in, on a composition of its own. */

import type { SelfTest } from "../contract/host";
import * as ae from "./ae";
import { clockOf, frameAt, timeOf } from "./clock";
import { readTrack, replaceKeys, setTrack } from "./keys";
import { remember, recall } from "./memory";
import { rowOf, shapeOf } from "./rows";

const ROW = [8, 8, 0, 0, 2.5, 0, 40, 8, -1.5, 0, 0, 3, 24, 30, 4, 0, -4, 0];
const ONE = { x: 1, y: 1 };
const RATES = [23.976, 24, 25, 29.97, 30, 59.94];

export function selftest(): SelfTest {
  const report: SelfTest = {
    version: ae.version(),
    language: ae.language(),
    os: ae.system(),
    checks: []
  };
  ae.undoable("Megaton Roto self-test", function () {
    for (let i = 0; i < RATES.length; i++) {
      const comp = ae.project().items.addComp("Megaton Roto self-test", 64, 48, 1, 20, RATES[i]);
      const layer = comp.layers.addSolid([0.5, 0.5, 0.5], "Megaton Roto self-test", 64, 48, 1);
      const solid = layer.source as FootageItem;
      try {
        check(report, "times at " + RATES[i], timesReturn(comp, layer));
        if (i === 0) {
          check(report, "path and keys", pathReturns(comp, layer));
          check(report, "comment", commentReturns(layer));
        }
      } finally {
        comp.remove();
        solid.remove();
      }
    }
  });
  return report;
}

function check(report: SelfTest, name: string, wrong: string): void {
  report.checks.push({ name: name, ok: wrong === "", detail: wrong });
}

/** Keys on 400 frames come back on the same frames. */
function timesReturn(comp: CompItem, layer: AVLayer): string {
  const clock = clockOf(comp, layer, 1001);
  const opacity = (layer.property(ae.TRANSFORM) as PropertyGroup).property(
    "ADBE Opacity"
  ) as Property;
  const times: number[] = [];
  const values: number[] = [];
  for (let frame = 1001; frame <= 1400; frame++) {
    times.push(timeOf(clock, frame));
    values.push((frame - 1000) / 4);
  }
  opacity.setValuesAtTimes(times, values as never[]);
  for (let k = 1; k <= opacity.numKeys; k++) {
    const frame = frameAt(clock, opacity.keyTime(k));
    if (frame !== 1000 + k) {
      return "key " + k + " lies on frame " + frame;
    }
  }
  return opacity.numKeys === 400 ? "" : opacity.numKeys + " of 400 keys";
}

function pathReturns(comp: CompItem, layer: AVLayer): string {
  const clock = clockOf(comp, layer, 1001);
  ae.masksOf(layer).addProperty(ae.MASK);
  const mask = ae.maskAt(layer, 1);
  mask.rotoBezier = false;
  const path = ae.pathProperty(mask) as Property;
  const shape = shapeOf(ROW, true, ONE);
  setTrack(path, clock, { frames: [1001, 1011, 1048], values: [shape, shape, shape], hold: [1] });
  replaceKeys(path, clock, { frames: [1011, 1020], values: [shape, shape], hold: [0] }, [
    [1005, 1020]
  ]);
  const back = readTrack<Shape>(path, clock);
  if (back.frames.join(" ") !== "1001 1011 1020 1048" || back.hold.join(" ") !== "1") {
    return "keys on " + back.frames.join(" ") + ", held " + back.hold.join(" ");
  }
  const row = rowOf(back.values[1], ONE);
  for (let i = 0; i < ROW.length; i++) {
    if (Math.abs(row[i] - ROW[i]) > 0.001) {
      return "number " + i + " is " + row[i] + " and not " + ROW[i];
    }
  }
  return "";
}

function commentReturns(layer: AVLayer): string {
  layer.comment = "an artist's [words]";
  remember(layer, "test", { text: '\u00e9 "quoted" ]', list: [1, null, true] });
  const back = recall(layer, "test") as { text: string } | null;
  remember(layer, "test", null);
  if (!back || back.text !== '\u00e9 "quoted" ]') {
    return "what was kept did not come back";
  }
  return layer.comment === "an artist's [words] " || layer.comment === "an artist's [words]"
    ? ""
    : layer.comment;
}
