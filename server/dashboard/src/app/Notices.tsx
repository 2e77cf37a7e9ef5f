import { useQuery } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import { exact } from "../ui/time";
import styles from "./Notices.module.css";

/** What administrators tell everybody: a word for today, and maintenance. */
export function Notices() {
  const notices = useQuery({
    queryKey: keys.notices,
    queryFn: () => data(api.GET("/api/v1/notices")),
  });
  if (!notices.data) return null;
  const { maintenance, message_of_the_day: today } = notices.data;
  return (
    <>
      {maintenance.on && (
        <p className={styles.notice} role="status">
          <strong>Maintenance.</strong>{" "}
          {maintenance.message || "Everything can be looked at; changes wait until it is over."}
          {maintenance.until && ` (expected to end ${exact(maintenance.until)})`}
        </p>
      )}
      {today && <p className={styles.notice}>{today}</p>}
    </>
  );
}
