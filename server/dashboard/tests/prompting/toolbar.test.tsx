import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { Toolbar } from "../../src/prompting/Toolbar";

afterEach(cleanup);

it("the brush gives the arrow keys back to the frames when it is let go", () => {
  const none = () => undefined;
  const does = { onTool: none, onRadius: none, onUndo: none, onRedo: none };
  render(<Toolbar tool="brush" hasShapes={false} radius={20} canUndo={false} canRedo={false} {...does} />);
  const brush = screen.getByRole("slider", { name: /^Brush/ });
  brush.focus();
  expect(document.activeElement).toBe(brush);
  fireEvent.pointerUp(brush);
  expect(document.activeElement).not.toBe(brush);
});
