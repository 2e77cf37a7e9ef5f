import { Dialog } from "../ui/Dialog";
import { useRegistry } from "./shortcuts";
import styles from "./ShortcutSheet.module.css";

/** All keys that hold at the moment. */
export function ShortcutSheet({ onClose }: { onClose(): void }) {
  const groups = useRegistry((state) => state.groups);
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <div className={styles.groups}>
        {groups.map(({ title, map }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {Object.entries(map).map(([name, { label }]) => (
                <div key={name}>
                  <dt>
                    <kbd>{printed(name)}</kbd>
                  </dt>
                  <dd>{label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

const ARROWS: Record<string, string> = { Left: "←", Right: "→", Up: "↑", Down: "↓" };

/** As the key is printed on a keyboard. */
function printed(name: string): string {
  return name.replace(/Arrow(\w+)/, (all, side: string) => ARROWS[side] ?? all);
}
