/** The way to the farm: address, key, and what is wrong with them. */

import { type FormEvent, useState } from "react";

import type { Desk } from "../desk/desk";
import type { ServerState } from "../desk/state";
import { Button, Field, Problem } from "./parts";

const WORDS: Record<ServerState["status"], string> = {
  signed_out: "Not connected",
  connecting: "Connecting…",
  ready: "",
  offline: "The server does not answer; it is tried again",
  refused: "The server refuses",
};

export function Connection(props: { desk: Desk; server: ServerState }) {
  const { desk, server } = props;
  const [address, setAddress] = useState(server.url);
  const [key, setKey] = useState("");
  const [open, setOpen] = useState(false);
  const asks = open || server.status === "signed_out" || server.status === "refused";

  function submit(event: FormEvent): void {
    event.preventDefault();
    setOpen(false);
    void desk.server.connect(address, key).then(() => setKey(""));
  }

  return (
    <section className="connection" aria-label="Farm">
      <div className="row">
        <span className={`lamp ${server.status}`} aria-hidden="true" />
        <span className="grow" data-testid="server" data-status={server.status}>
          {[WORDS[server.status], server.url].filter(Boolean).join(": ")}
        </span>
        {server.status === "signed_out" ? null : (
          <>
            {!asks && <Button onClick={() => setOpen(true)}>Change…</Button>}
            <Button onClick={() => desk.server.signOut()}>Sign out</Button>
          </>
        )}
      </div>
      {server.trouble && <Problem {...server.trouble} />}
      {asks && (
        <form className="row" onSubmit={submit}>
          <Field
            label="Server"
            value={address}
            placeholder="https://roto.studio.example"
            onChange={setAddress}
          />
          <Field label="Key" value={key} secret onChange={setKey} />
          <button type="submit" className="main">
            Connect
          </button>
        </form>
      )}
    </section>
  );
}
