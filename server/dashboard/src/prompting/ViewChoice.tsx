import { useNavigate } from "react-router";
import { promptAddress } from "./Notices";
import styles from "./Prompting.module.css";

interface ViewChoiceProps {
  shot: string;
  view: string;
  views: readonly string[];
  frame: number;
}

/** Of a shot with several pictures, left and right: the one that is prompted. Each has its own draft. */
export function ViewChoice({ shot, view, views, frame }: ViewChoiceProps) {
  const navigate = useNavigate();
  return (
    <label className={styles.view}>
      View
      <select value={view} onChange={({ target }) => void navigate(promptAddress(shot, { view: target.value, frame }))}>
        {views.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}
