import styles from "./Boxes.module.css";

export function Waiting({ what = "Loading" }: { what?: string }) {
  return (
    <p className={styles.waiting} role="status">
      {what}…
    </p>
  );
}
