import { expect, it } from "vitest";
import { aboutOf, framesIn, type Read, reportOf, timecodesOf, warningsOf } from "../../src/ui/report";
import { later } from "../../src/ui/timecode";

const remark = (code: string, level: "warning" | "info", detail: Record<string, unknown> = {}) => ({
  code,
  level,
  message: code,
  detail,
});

function read(metadata: Record<string, unknown>, more: Partial<Read> = {}): Read {
  const plate = { kind: "sequence" };
  return { metadata, plate, fps: [24, 1], frame_range: [1001, 1010], colorspace: "ACEScg", ...more };
}

it("timecode is counted as the worker counts it", () => {
  // As roto_shapes.timecode has them: the drop-frame minute, midnight, a rate that is none of drop frame.
  expect(later("01:00:00:00", 23, [24, 1])).toBe("01:00:00:23");
  expect(later("00:00:59;29", 1, [30000, 1001])).toBe("00:01:00;02");
  expect(later("00:09:59;29", 1, [30000, 1001])).toBe("00:10:00;00");
  expect(later("00:00:59:29", 1, [30000, 1001])).toBe("00:01:00:00");
  expect(later("00:00:59;59", 1, [60000, 1001])).toBe("00:01:00;04");
  expect(later("23:59:59:23", 1, [24000, 1001])).toBe("00:00:00:00");
  expect(later("00:00:59;23", 1, [24, 1])).toBe("00:01:00;00");
  expect(later("nonsense", 1, [24, 1])).toBe("");
});

it("the last frame's timecode is told where it can be counted", () => {
  const start = { timecode: "01:00:00:00" };
  expect(timecodesOf(read(start))).toEqual(["01:00:00:00", "01:00:00:09"]);
  expect(timecodesOf(read({ ...start, report: [remark("timecode_jump", "warning")] }))).toEqual(["01:00:00:00"]);
  expect(timecodesOf(read(start, { fps: [50, 1] }))).toEqual(["01:00:00:00"]);
  expect(timecodesOf(read(start, { fps: [50, 1], plate: { kind: "movie" } }))[1]).toBe("01:00:00:09");
  expect(timecodesOf(read(start, { frame_range: null }))).toEqual(["01:00:00:00"]);
  expect(timecodesOf(read({}))).toEqual([]);
});

it("warnings are told beside what they are about, those of a colour space of before are not", () => {
  const report = [
    remark("no_frame_rate", "warning", { fps: [24, 1] }),
    remark("anamorphic", "info"),
    remark("colorspace_assumed", "warning", { colorspace: "sRGB" }),
    remark("something_new", "warning", { frames: [1003, 1005], count: 2 }),
  ];
  const told = read({ report });
  expect(warningsOf(told).map(aboutOf)).toEqual(["rate", "picture"]);
  expect(warningsOf({ ...told, colorspace: "sRGB" }).map(aboutOf)).toEqual(["rate", "colour", "picture"]);
  expect(report.map(framesIn)).toEqual([[], [], [], [1003, 1005]]);
  expect(reportOf(read({}))).toEqual([]);
});
