import { Button } from "../ui/Button";
import bench from "../ui/Workbench.module.css";
import styles from "./Prompting.module.css";
import { LARGEST_BRUSH, SMALLEST_BRUSH, type Tool, TOOLS } from "./tools";

interface ToolbarProps {
  tool: Tool;
  onTool(tool: Tool): void;
  /** Whether there are outlines to drag. */
  hasShapes: boolean;
  radius: number;
  onRadius(radius: number): void;
  canUndo: boolean;
  canRedo: boolean;
  onUndo(): void;
  onRedo(): void;
}

export function Toolbar(props: ToolbarProps) {
  const { tool, radius } = props;
  const offered = TOOLS.filter((one) => one.tool !== "points" || props.hasShapes);
  return (
    <div className={bench.tools} role="toolbar" aria-label="Tools">
      <div className={bench.group} role="group" aria-label="Tool">
        {offered.map((one) => (
          <Button
            key={one.tool}
            small
            className={one.tool === tool ? bench.on : undefined}
            aria-pressed={one.tool === tool}
            title={`${one.hint} (${one.key})`}
            onClick={() => props.onTool(one.tool)}
          >
            {one.label}
          </Button>
        ))}
      </div>
      {(tool === "brush" || tool === "erase") && (
        <label className={styles.brush}>
          Brush
          <input
            type="range"
            min={SMALLEST_BRUSH}
            max={LARGEST_BRUSH}
            value={radius}
            onPointerUp={(event) => event.currentTarget.blur()}
            onChange={(event) => props.onRadius(event.target.valueAsNumber)}
          />
          <span className={styles.number}>{radius} px</span>
        </label>
      )}
      <div className={bench.group} role="group" aria-label="History">
        <Button small disabled={!props.canUndo} title="Undo (Ctrl+z)" onClick={props.onUndo}>
          Undo
        </Button>
        <Button small disabled={!props.canRedo} title="Redo (Ctrl+y)" onClick={props.onRedo}>
          Redo
        </Button>
      </div>
      <span className={styles.hint}>{TOOLS.find((one) => one.tool === tool)?.hint}</span>
    </div>
  );
}
