import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import { EmptyState } from "../ui/EmptyState";
import { LinkButton } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { SavedViews } from "../ui/SavedViews";
import { StateChip } from "../ui/StateChip";
import { Waiting } from "../ui/Waiting";
import { away, exact } from "../ui/time";
import { choosing, type List, listOf, progressOf, reviewOf, waits } from "./playlist";
import styles from "./QueuePage.module.css";
import { MOST_QUEUED, useQueue } from "./usePlaylist";

/** What waits for a decision, in the order in which it is looked at. */
export default function QueuePage() {
  const [search, setSearch] = useSearchParams();
  const queue = useQueue(search);
  const projects = useQuery({
    queryKey: [...keys.projects, "names"],
    queryFn: () => data(api.GET("/api/v1/projects", { params: { query: { limit: 1000 } } })),
  });
  const names = new Map(projects.data?.items.map(({ id, name }) => [id, name]));
  const list = listOf(search) ?? "pending";

  function change(name: string, value: string): void {
    const after = new URLSearchParams(search);
    if (value) after.set(name, value);
    else after.delete(name);
    setSearch(after, { replace: true });
  }

  const shots = queue.data ?? [];
  const first = shots.find(waits) ?? shots[0];
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <h1>Review</h1>
        <select
          aria-label="List"
          value={list}
          onChange={(event) => change("list", event.target.value === "pending" ? "" : (event.target.value as List))}
        >
          <option value="pending">All that wait</option>
          <option value="dailies">Dailies: sent today</option>
          {list === "picked" && <option value="picked">Picked shots</option>}
        </select>
        <SavedViews page="review" params={choosing(search)} onShow={(shown) => setSearch(shown)} />
        <select
          aria-label="Project"
          value={search.get("project") ?? ""}
          onChange={(event) => change("project", event.target.value)}
        >
          <option value="">All projects</option>
          {projects.data?.items.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <label className={styles.mine}>
          <input
            type="checkbox"
            checked={search.has("mine")}
            onChange={(event) => change("mine", event.target.checked ? "1" : "")}
          />
          Mine
        </label>
        <span className={styles.count}>{queue.data && counted(shots.length)}
          {list === "dailies" && shots.length > 0 && `, ${progressOf(shots)}`}</span>
        {first && (
          <LinkButton look="main" to={reviewOf(first.id, search)}>
            Begin
          </LinkButton>
        )}
      </header>
      {queue.error && <ProblemBox problem={queue.error} again={() => void queue.refetch()} />}
      {queue.isPending && <Waiting />}
      {queue.data && shots.length === 0 && <Nothing list={list} />}
      <ul className={styles.shots}>
        {shots.map((shot) => (
          <li key={shot.id}>
            <Link to={reviewOf(shot.id, search)} className={styles.shot}>
              <span className={styles.picture}>
                {shot.thumbnail_url && <img src={shot.thumbnail_url} alt="" loading="lazy" />}
              </span>
              <strong>{shot.name}</strong>
              <span className={styles.dim}>{names.get(shot.project_id) ?? ""}</span>
              {shot.sent && (
                <span className={styles.dim} title={exact(shot.sent.at)}>
                  {shot.sent.version === null ? "No version" : `v${shot.sent.version}`}, sent by {shot.sent.by}{" "}
                  {away(shot.sent.at)}
                </span>
              )}
              {!waits(shot) && (
                <span>
                  <StateChip state={shot.review} />
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

function counted(number: number): string {
  const shots = `${number.toLocaleString("en")} ${number === 1 ? "shot" : "shots"}`;
  return number < MOST_QUEUED ? shots : `The newest ${shots}: choose a project to see all of its`;
}

function Nothing({ list }: { list: List }) {
  if (list === "picked") {
    return (
      <EmptyState title="None of these shots is here">
        <p>They are in the trash, or of projects that you do not see. Pick others on the board.</p>
        <LinkButton to="/shots">Shots</LinkButton>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={list === "dailies" ? "Nothing was sent to review today" : "Nothing waits for a decision"}>
      <p>A shot comes here when whoever works on it presses “Send to review”: on the shot’s page, or in the player.</p>
    </EmptyState>
  );
}
