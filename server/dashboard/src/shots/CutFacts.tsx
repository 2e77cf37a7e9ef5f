import { Fact } from "./Fact";

const OUT = "As the edit list writes it: the second is of the frame after the last.";

/** Where the shot is in an edit. `cut`: as the server keeps it; `reel`: what the plate's files say of theirs. */
export function CutFacts({ cut, reel }: { cut: Record<string, unknown>; reel: string }) {
  const text = (name: string) => (typeof cut[name] === "string" ? cut[name] : "");
  const span = (side: string) => [text(`${side}_in`), text(`${side}_out`)].filter(Boolean).join(" – ");
  const [before, after] = Array.isArray(cut.transitions) ? (cut.transitions as number[]) : [];
  return (
    <>
      {text("list") && (
        <Fact label="Edit list">
          {text("list")}
          {text("event") && `, event ${text("event")}`}
        </Fact>
      )}
      {text("reel") && text("reel") !== reel && <Fact label={reel ? "Reel in the list" : "Reel"}>{text("reel")}</Fact>}
      {text("clip") && <Fact label="Clip">{text("clip")}</Fact>}
      {span("source") && (
        <Fact label="Source TC" title={OUT}>
          {span("source")}
        </Fact>
      )}
      {span("record") && (
        <Fact label="Record TC" title={OUT}>
          {span("record")}
        </Fact>
      )}
      {typeof cut.speed === "number" && cut.speed !== 1 && <Fact label="Speed">{Math.round(cut.speed * 100)} %</Fact>}
      {(Boolean(before) || Boolean(after)) && (
        <Fact label="Transitions">
          {before ?? 0} frames before, {after ?? 0} after
        </Fact>
      )}
    </>
  );
}
