import { readFileSync } from "node:fs";
import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { StateChip } from "../../src/ui/StateChip";
import { LOOKS } from "../../src/ui/states";

const DOCUMENT = new URL("../../../openapi.json", `file://${import.meta.filename}`);
const { schemas } = JSON.parse(readFileSync(DOCUMENT, "utf8")).components;
const TOLD: Record<string, string[]> = {
  jobs: schemas.JobOut.properties.state.enum,
  plates: schemas.PlateVersionOut.properties.state.enum,
  reviews: schemas.ReviewState.enum,
  nodes: schemas.NodeOut.properties.state.enum,
  people: schemas.AdminUserOut.properties.state.enum,
};

it.each(Object.entries(TOLD))("every state of %s that the server tells has a look", (_, states) => {
  expect(states.length).toBeGreaterThan(2);
  expect(states.filter((state) => !(state in LOOKS))).toEqual([]);
});

it.each(Object.entries(LOOKS))("%s is told by a sign and a word", (state, { label, sign }) => {
  const { container } = render(<StateChip state={state} />);
  expect(container.textContent).toBe(sign + label);
  expect(sign).toMatch(/^[^\w\s]$/u);
  expect(label).toMatch(/^\p{Lu}\p{L}/u);
});

it("no two states are called alike", () => {
  const labels = Object.values(LOOKS).map(({ label }) => label);
  expect(labels).toEqual([...new Set(labels)]);
});

it("whoever sees no colour sees as much: no sign stands for two of them", () => {
  const tones = new Map<string, Set<string>>();
  for (const { sign, tone } of Object.values(LOOKS)) tones.set(sign, (tones.get(sign) ?? new Set()).add(tone));
  expect([...tones].filter(([, each]) => each.size > 1)).toEqual([]);
});
