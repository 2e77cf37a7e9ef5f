import type { Shot } from "../api/shots";
import { lookOf } from "../ui/states";
import styles from "./Board.module.css";

/** The shot's picture, or why there is none. */
export function Thumbnail({ shot }: { shot: Shot }) {
  if (!shot.thumbnail_url) {
    return <span className={styles.blank}>{shot.state === "ready" ? "" : lookOf(shot.state).label}</span>;
  }
  return <img src={shot.thumbnail_url} alt="" loading="lazy" decoding="async" draggable={false} />;
}
