/** The longer ways to the farm, put together from the client's parts. */

import type { RotoDocument } from "../../../client/src/document";
import type { Doing, Edit, Job, Shot, SubmitRequest } from "../../../client/src/types";
import type { MaskFile, MasksNow } from "../../../contract/host";
import type { RotoClient } from "../../../client/src/client";

export interface Going {
  tell: (doing: Doing) => void;
  signal: AbortSignal;
}

/** An object's mattes on this machine. */
export interface LocalMatte {
  object: string;
  firstFile: string;
  firstFrame: number;
}

export interface Farm {
  /** The shot of the request's plate, found or made, once it is ready. */
  prepare(client: RotoClient, request: SubmitRequest, going: Going): Promise<Shot>;
  /** `prepare`, and the job. */
  submit(client: RotoClient, request: SubmitRequest, going: Going): Promise<Job>;
  /** The masks of a job that succeeded. */
  masks(client: RotoClient, job: Job, going: Going): Promise<MaskFile>;
  /** Fetches the mattes of a job into `folder`; what is there already is not fetched again. */
  mattes(client: RotoClient, job: Job, folder: string, going: Going): Promise<LocalMatte[]>;
  /**
   * What the artist changed in the masks of a version. `frame`: only there; null: everywhere.
   * Throws when nothing differs.
   */
  edits(base: RotoDocument, sent: MaskFile, now: MasksNow, frame: number | null): Edit[];
}
