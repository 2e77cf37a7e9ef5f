import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { FarmTokenOut } from "../api/schema";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Dialog } from "../ui/Dialog";
import { EmptyState } from "../ui/EmptyState";
import { Field } from "../ui/Field";
import { MoreButton } from "../ui/MoreButton";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { TimeCell } from "../ui/TimeCell";
import { useMore } from "../ui/useMore";
import { Waiting } from "../ui/Waiting";
import { PeopleNav } from "./PeopleNav";
import { SecretBox } from "./SecretBox";

const TOKENS = [...keys.people, "farm-tokens"] as const;

/** What machines of the farm register with. */
export default function FarmTokensPage() {
  const tokens = useMore(TOKENS, (cursor) =>
    data(api.GET("/api/v1/admin/farm-tokens", { params: { query: { cursor } } })),
  );
  const revoke = useChange((id: string) =>
    api.DELETE("/api/v1/admin/farm-tokens/{token_id}", { params: { path: { token_id: id } } }),
  );
  const [making, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<FarmTokenOut | null>(null);
  return (
    <div className={page.page}>
      <PeopleNav />
      <header className={page.head}>
        <h1>Farm tokens</h1>
        <Button look="main" onClick={() => setMaking(true)}>
          Make a token…
        </Button>
      </header>
      <p className={page.dim}>
        A machine of the farm registers with one and takes tasks; it reads no project by it. On the machine the token
        is in the file that <code>ROTO_FARM_TOKEN_FILE</code> names.
      </p>
      {tokens.isPending && <Waiting />}
      {tokens.error && <ProblemBox problem={tokens.error} again={() => void tokens.refetch()} />}
      {tokens.isSuccess && tokens.rows.length === 0 && (
        <EmptyState title="There is no farm token">
          <p>Make one for each kind of machine, so that one can be revoked without stopping all.</p>
        </EmptyState>
      )}
      {tokens.rows.length > 0 && (
        <div className={page.scroll} tabIndex={0}>
          <table className={`${page.table} ${page.cards}`}>
            <thead>
              <tr>
                <th>Token</th>
                <th>Made</th>
                <th>Last used</th>
                <th aria-label="Revoke" />
              </tr>
            </thead>
            <tbody>
              {tokens.rows.map((token) => (
                <tr key={token.id}>
                  <th scope="row">
                    {token.name}
                    <small>
                      <code>{token.prefix}…</code>
                    </small>
                  </th>
                  <TimeCell label="Made" time={token.created_at} />
                  <TimeCell label="Last used" time={token.last_used_at} />
                  <td>
                    <div className={page.actions}>
                      <Button
                        small
                        look="danger"
                        aria-label={`Revoke the token ${token.name}`}
                        onClick={() => setLeaving(token)}
                      >
                        Revoke…
                      </Button>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <MoreButton list={tokens} />
      {making && <TokenDialog onClose={() => setMaking(false)} />}
      {leaving && (
        <ConfirmDialog
          title={`Revoke the token ${leaving.name}?`}
          verb="Revoke"
          dangerous
          work={() => revoke.mutateAsync(leaving.id)}
          onClose={() => setLeaving(null)}
        >
          <p>
            Every machine that has it is given nothing new; what runs still finishes. Give them another token before,
            or they stand still.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function TokenDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState("");
  const make = useChange((body: { name: string }) => data(api.POST("/api/v1/admin/farm-tokens", { body })));
  if (make.data) {
    return (
      <Dialog title={`The token ${make.data.name}`} onClose={onClose} actions={<Button onClick={onClose}>I have it</Button>}>
        <SecretBox label="The new token" secret={make.data.token} />
      </Dialog>
    );
  }
  const ready = name.trim() !== "" && !make.isPending;
  function send(): void {
    if (ready) make.mutate({ name: name.trim() });
  }
  return (
    <Dialog
      title="Make a farm token"
      onClose={onClose}
      onSubmit={send}
      actions={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" look="main" disabled={!ready}>
            Make the token
          </Button>
        </>
      }
    >
      <Field label="Which machines it is for">
        <input value={name} maxLength={100} autoComplete="off" autoFocus onChange={(event) => setName(event.target.value)} />
      </Field>
      {make.error && <ProblemBox problem={make.error} />}
    </Dialog>
  );
}

function useChange<V, T>(work: (value: V) => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: work, onSettled: () => queries.invalidateQueries({ queryKey: TOKENS }) });
}
