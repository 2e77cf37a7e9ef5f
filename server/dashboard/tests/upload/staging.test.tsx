import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import type { Project } from "../../src/api/projects";
import { FilesPanel } from "../../src/upload/FilesPanel";
import { NOTHING } from "../../src/upload/plates";

afterEach(cleanup);

function Shown() {
  const [staged, setStaged] = useState(NOTHING);
  const project = { id: "p1" } as Project;
  return <FilesPanel project={project} userId="u1" staged={staged} onStage={setStaged} onList={() => undefined} />;
}

it("what is dropped and changed while another drop is read stays as it is", async () => {
  render(<Shown />);
  const choose = (...files: File[]) => fireEvent.change(screen.getByLabelText("Files"), { target: { files } });
  // A list is read before it is known to be one.
  let tell: (head: string) => void = () => undefined;
  const list = new File(["<xmeml"], "cut.xml");
  list.slice = () => ({ text: () => new Promise((resolve) => (tell = resolve)) }) as Blob;
  choose(list, new File(["1"], "slow.mov"));
  choose(new File(["1"], "a.mov"), new File(["1"], "b.mov"));
  fireEvent.change(await screen.findByLabelText("Shot of a.mov"), { target: { value: "hero" } });
  fireEvent.click(screen.getByLabelText("Leave out b.mov"));
  tell("<xmeml");
  await screen.findByLabelText("Shot of slow.mov");
  expect(screen.getByLabelText<HTMLInputElement>("Shot of a.mov").value).toBe("hero");
  expect(screen.queryByLabelText("Shot of b.mov")).toBeNull();
});
