/** The way to the farm: address, signing in, and what is wrong with them. */

import { type FormEvent, useEffect, useState } from "react";

import type { Desk } from "../desk/desk";
import type { CodeShown, ServerState } from "../desk/state";
import { codeLeft } from "../words";
import { Button, Field, Problem } from "./parts";

const WORDS: Record<ServerState["status"], string> = {
  signed_out: "Not connected",
  connecting: "Connecting…",
  ready: "",
  offline: "The server does not answer; it is tried again",
  refused: "The server refuses",
};

export function Connection(props: { desk: Desk; server: ServerState; signIn: CodeShown | null }) {
  const { desk, server, signIn } = props;
  const [open, setOpen] = useState(false);
  const [address, setAddress] = useState(server.url);
  const asks = open || server.status === "signed_out" || server.status === "refused";
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
      {signIn && <Code desk={desk} signIn={signIn} />}
      {asks && !signIn && (
        <SignIn
          desk={desk}
          address={address}
          onAddress={setAddress}
          done={() => setOpen(desk.store.get().server.status !== "ready")}
        />
      )}
    </section>
  );
}

/** With the browser, else with a key. */
function SignIn(props: {
  desk: Desk;
  address: string;
  onAddress: (address: string) => void;
  done: () => void;
}) {
  const { desk, address, onAddress, done } = props;
  const [key, setKey] = useState("");

  function byCode(event: FormEvent): void {
    event.preventDefault();
    void desk.server.signIn(address).then(done);
  }

  function byKey(event: FormEvent): void {
    event.preventDefault();
    void desk.server.connect(address, key).then(() => {
      setKey("");
      done();
    });
  }

  return (
    <>
      <form className="row" onSubmit={byCode}>
        <Field
          label="Server"
          value={address}
          placeholder="https://roto.studio.example"
          onChange={onAddress}
        />
        <button type="submit" className="main" title="A code is shown here, your browser opens">
          Sign in
        </button>
      </form>
      <form className="row" onSubmit={byKey}>
        <Field label="Key" value={key} secret placeholder="or an API key" onChange={setKey} />
        <button type="submit">Connect</button>
      </form>
    </>
  );
}

/** The code that waits for the artist's browser. */
function Code({ desk, signIn }: { desk: Desk; signIn: CodeShown }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="code" role="status" aria-label="Sign in">
      <p>Enter this code at {signIn.address} and approve it:</p>
      <div className="row">
        <strong className="grow" data-testid="code">
          {signIn.code}
        </strong>
        <Button onClick={() => desk.server.openPage()}>Open browser</Button>
        <Button onClick={() => desk.server.stopSignIn()}>Stop</Button>
      </div>
      <p className="hint">{codeLeft(signIn.ends, now)}</p>
    </div>
  );
}
