// Made by `npm run types` from server/openapi.json: do not edit.
/* eslint-disable */
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /**
     * AdminUserDetail
     * @description A person with their ways in and their projects.
     */
    AdminUserDetail: {
      /** Id */
      id: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "person" | "service";
      /** Email */
      email: string | null;
      /** Name */
      name: string;
      role: components["schemas"]["Role"];
      /**
       * State
       * @enum {string}
       */
      state: "unconfirmed" | "active" | "disabled" | "deleted";
      /** Email Confirmed At */
      email_confirmed_at: string | null;
      /** Last Seen At */
      last_seen_at: string | null;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /** Has Password */
      has_password: boolean;
      /**
       * Issuers
       * @description Who else signs them in: OpenID issuers.
       */
      issuers: string[];
      /**
       * Sessions
       * @description Sign-ins that are good now.
       */
      sessions: number;
      /**
       * Keys
       * @description Keys that are good now.
       */
      keys: number;
      /** Memberships */
      memberships: components["schemas"]["MembershipOut"][];
    };
    /**
     * AdminUserOut
     * @description A person, or a service that holds keys, as administrators see them.
     */
    AdminUserOut: {
      /** Id */
      id: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "person" | "service";
      /** Email */
      email: string | null;
      /** Name */
      name: string;
      role: components["schemas"]["Role"];
      /**
       * State
       * @enum {string}
       */
      state: "unconfirmed" | "active" | "disabled" | "deleted";
      /** Email Confirmed At */
      email_confirmed_at: string | null;
      /** Last Seen At */
      last_seen_at: string | null;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
    };
    /**
     * AdminUserPatch
     * @description What to change; what is left out stays. Disabling ends sessions and keys for good.
     */
    AdminUserPatch: {
      /** Name */
      name?: string | null;
      role?: components["schemas"]["Role"] | null;
      /** State */
      state?: ("active" | "disabled") | null;
    };
    /**
     * AmountOut
     * @description Of files: how many, and their bytes.
     */
    AmountOut: {
      /** Files */
      files: number;
      /** Bytes */
      bytes: number;
    };
    /**
     * ApplyIn
     * @description Which events become shots, by their index; null = all that can.
     */
    ApplyIn: {
      /** Events */
      events?: number[] | null;
    };
    /**
     * AssigneeOut
     * @description Somebody who works on a shot.
     */
    AssigneeOut: {
      /**
       * User Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      user_id: string;
      /** Name */
      name: string;
      /**
       * Assigned At
       * Format: date-time
       */
      assigned_at: string;
    };
    /**
     * AssignmentsIn
     * @description Who is to work on what.
     *
     *     ``add`` and ``remove`` change only the people named; after ``set`` each shot has exactly them.
     */
    AssignmentsIn: {
      /** Shot Ids */
      shot_ids: string[];
      /** User Ids */
      user_ids: string[];
      /**
       * Mode
       * @enum {string}
       */
      mode: "add" | "remove" | "set";
    };
    /**
     * AssignmentsOut
     * @description How many assignments there are now that were not, and the other way round.
     */
    AssignmentsOut: {
      /** Added */
      added: number;
      /** Removed */
      removed: number;
      /** Shots Changed */
      shots_changed: number;
    };
    /**
     * AttemptOut
     * @description One try of a task on one worker.
     */
    AttemptOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** Number */
      number: number;
      /** State */
      state: string;
      /** Worker Id */
      worker_id: string;
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
      /**
       * Started At
       * Format: date-time
       */
      started_at: string;
      /** Finished At */
      finished_at: string | null;
    };
    /**
     * AuditActorOut
     * @description Who did it. ``name`` is a user's as it is now.
     */
    AuditActorOut: {
      /** Kind */
      kind: string;
      /** Id */
      id: string;
      /** Name */
      name: string | null;
    };
    /**
     * AuditCheckOut
     * @description A stretch of the audit log that was compared with its hashes.
     *
     *     ``broken``: entries that were changed, or before which one was taken out. ``next``: ``after`` of
     *     the following stretch, null at the end. Keep ``seq`` and ``hash`` of the last stretch elsewhere:
     *     they show whether entries are taken off the end.
     */
    AuditCheckOut: {
      /** Entries */
      entries: number;
      /** Broken */
      broken: number[];
      /** Seq */
      seq: number;
      /** Hash */
      hash: string;
      /** Next */
      next: number | null;
    };
    /**
     * AuditEntryOut
     * @description Who did what, on what, from where, with what before and after.
     */
    AuditEntryOut: {
      /** Seq */
      seq: number;
      /**
       * At
       * Format: date-time
       */
      at: string;
      actor: components["schemas"]["AuditActorOut"];
      /** Via */
      via: string;
      /** Address */
      address: string;
      /** Request Id */
      request_id: string;
      /** Action */
      action: string;
      /** Target Kind */
      target_kind: string;
      /** Target Id */
      target_id: string;
      /** Target Name */
      target_name: string | null;
      /** Project Id */
      project_id: string | null;
      /** Before */
      before: {
        [key: string]: unknown;
      } | null;
      /** After */
      after: {
        [key: string]: unknown;
      } | null;
    };
    /**
     * BulkIn
     * @description Many new shots.
     */
    BulkIn: {
      /** Shots */
      shots: components["schemas"]["ShotIn"][];
      /**
       * All Or None
       * @description Nothing is made when one is refused; else those that can be.
       * @default true
       */
      all_or_none?: boolean;
    };
    /**
     * BulkItem
     * @description What became of one shot of the request: made, or refused.
     */
    BulkItem: {
      /**
       * Index
       * @description Its place in the request, from 0.
       */
      index: number;
      /** Name */
      name: string;
      shot?: components["schemas"]["ShotOut"] | null;
      error?: components["schemas"]["Refused"] | null;
    };
    /**
     * BulkOut
     * @description What became of all, in the order of the request.
     */
    BulkOut: {
      /** Made */
      made: number;
      /** Items */
      items: components["schemas"]["BulkItem"][];
    };
    /**
     * CandidateOut
     * @description A mask that could be meant.
     */
    CandidateOut: {
      /**
       * Png
       * @description base64 of an 8-bit grey PNG: the soft matte, 255 inside.
       */
      png: string;
      /**
       * Score
       * @description 0 to 1: how good the engine takes it to be.
       */
      score: number;
      /**
       * Box
       * @description x0, y0, x1, y1 of what is at least half covered, in plate pixels.
       */
      box: [
        number,
        number,
        number,
        number
      ] | null;
    };
    /**
     * ChangeIn
     * @description A new password for the old one.
     */
    ChangeIn: {
      /** Old */
      old: string;
      /** New */
      new: string;
    };
    /**
     * Check
     * @description One thing the server needs. ``setting`` is the environment variable that configures it,
     *     ``about`` what it is for, ``remedy`` what to do while it does not work.
     */
    Check: {
      /** Ok */
      ok: boolean;
      /**
       * Message
       * @default
       */
      message?: string;
      /**
       * Setting
       * @default
       */
      setting?: string;
      /**
       * About
       * @default
       */
      about?: string;
      /**
       * Remedy
       * @default
       */
      remedy?: string;
    };
    /**
     * ClickIn
     * @description A click, in pixels of the full-size plate, origin top-left, y down.
     */
    ClickIn: {
      /** X */
      x: number;
      /** Y */
      y: number;
      /** Positive */
      positive: boolean;
    };
    /**
     * ConfigChangeOut
     * @description One change of the configuration.
     */
    ConfigChangeOut: {
      /** Seq */
      seq: number;
      /** Name */
      name: string;
      /**
       * Value
       * @description null: the default was put back.
       */
      value: unknown;
      /** Changed By */
      changed_by: string;
      /** Changed By Name */
      changed_by_name: string | null;
      /**
       * At
       * Format: date-time
       */
      at: string;
    };
    /**
     * ConfigEntryOut
     * @description One name of the global configuration as it stands.
     */
    ConfigEntryOut: {
      /** Name */
      name: string;
      /** About */
      about: string;
      /** Value */
      value: unknown;
      /**
       * Default
       * @description What holds when no administrator changes it.
       */
      default: unknown;
      /**
       * Source
       * @enum {string}
       */
      source: "changed" | "environment" | "default";
      /**
       * Changed By
       * @description A user's id, or an account of the server's machine
       */
      changed_by: string | null;
      /** Changed By Name */
      changed_by_name: string | null;
      /** Changed At */
      changed_at: string | null;
    };
    /**
     * ConfigIn
     * @description A new value; null puts the default back.
     */
    ConfigIn: {
      /** Value */
      value: unknown;
    };
    /**
     * ConfigOut
     * @description The global configuration.
     */
    ConfigOut: {
      /** Items */
      items: components["schemas"]["ConfigEntryOut"][];
    };
    /**
     * ConformEvent
     * @description An event of the list, and how it stands.
     *
     *     ``state``: matched; ambiguous (choose one of ``candidates``); unmatched; short (the media lacks
     *     frames of the cut); no_media (black, titles, switched off); skipped. ``by``: what the media was
     *     found by. ``placed_by``: what its ``frames`` were found by: timecode, numbers, list, length,
     *     record, hand; ``ingest``: the worker that reads the plate will find them. ``frames`` include the
     *     ``handles``. ``change``: what it is to the shots of an older list of this name.
     */
    ConformEvent: {
      /** Index */
      index: number;
      /** Number */
      number: string;
      /** Track */
      track: string;
      /** Name */
      name: string;
      /**
       * State
       * @enum {string}
       */
      state: "matched" | "ambiguous" | "unmatched" | "short" | "no_media" | "skipped";
      /**
       * Change
       * @enum {string}
       */
      change: "new" | "same" | "moved" | "trimmed";
      /** Shot Id */
      shot_id: string | null;
      /** Made */
      made: boolean;
      /** Clip */
      clip: string;
      /** Reel */
      reel: string;
      /** File */
      file: string;
      source: components["schemas"]["TimesOut"];
      record: components["schemas"]["TimesOut"];
      /** Speed */
      speed: number;
      /**
       * Transitions
       * @description Frames that transitions show beyond the cut.
       */
      transitions: [
        number,
        number
      ];
      /** By */
      by: string;
      match: components["schemas"]["MediaOut"] | null;
      /** Placed By */
      placed_by: string;
      /** Frames */
      frames: [
        number,
        number
      ] | null;
      /**
       * Handles
       * @description Frames at the head and tail of `frames` that are not in the cut.
       */
      handles: [
        number,
        number
      ];
      /** Candidates */
      candidates: components["schemas"]["MediaOut"][];
      /** Remarks */
      remarks: components["schemas"]["RemarkOut"][];
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
    };
    /**
     * ConformIn
     * @description An edit list, and where its media may lie. The list is ``text`` or, if it is not, ``base64``.
     *
     *     A list of a ``name`` that shots were made of before is compared with them. With
     *     ``movie_shot_id`` that shot's movie is the whole edit, cut by the list's record times, and no
     *     media is looked for.
     * @example {
     *       "file_name": "reel2_v4.edl",
     *       "folders": [
     *         "/mnt/heist/plates"
     *       ],
     *       "fps": [
     *         24,
     *         1
     *       ],
     *       "handles": 8,
     *       "name": "reel2",
     *       "text": "TITLE: reel2\n001  A001C003 V  C  01:00:04:00 01:00:06:00 ..."
     *     }
     */
    ConformIn: {
      /**
       * Name
       * @description Of the edit: 'reel2'; goes into shots' names.
       */
      name: string;
      /**
       * File Name
       * @default
       */
      file_name?: string;
      /** Text */
      text?: string | null;
      /** Base64 */
      base64?: string | null;
      /**
       * Fps
       * @description EDLs tell no rate; null = that of the project's settings.
       */
      fps?: [
        number,
        number
      ] | null;
      /**
       * Sequence
       * @description Name of the one to use, of a file that holds several.
       */
      sequence?: string | null;
      /** Folders */
      folders?: string[];
      /**
       * Depth
       * @description Levels of folders below each.
       * @default 4
       */
      depth?: number;
      /**
       * Handles
       * @description null = as the project's settings say.
       */
      handles?: number | null;
      /**
       * Template
       * @default {list}_{event:03d}0
       */
      template?: string;
      /** Colorspace */
      colorspace?: string | null;
      /** Movie Shot Id */
      movie_shot_id?: string | null;
    };
    /**
     * ConformOut
     * @description An edit list with its events, in the order of the edit.
     *
     *     ``left_out``: what is in the list and is no event, by kind.
     */
    ConformOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /** Name */
      name: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "edl" | "fcp_xml" | "aaf" | "otio";
      /**
       * State
       * @enum {string}
       */
      state: "open" | "applied";
      /** Fps */
      fps: [
        number,
        number
      ];
      /** Events */
      events: number;
      /**
       * States
       * @description Events in each state.
       */
      states: {
        [key: string]: number;
      };
      /**
       * Changes
       * @description Events that can be shots, by what they change.
       */
      changes: {
        [key: string]: number;
      };
      /**
       * Made
       * @description Events that were made into shots.
       */
      made: number;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Updated At
       * Format: date-time
       */
      updated_at: string;
      /** Title */
      title: string;
      /** Handles */
      handles: number;
      /** Template */
      template: string;
      /** Folders */
      folders: components["schemas"]["FolderOut"][];
      /** Movie Shot Id */
      movie_shot_id: string | null;
      /**
       * Movie Start
       * @description The record time of the movie's first frame.
       */
      movie_start?: string | null;
      /** Left Out */
      left_out: {
        [key: string]: number;
      };
      /** Gone */
      gone: components["schemas"]["GoneOut"][];
      /** Entries */
      entries: components["schemas"]["ConformEvent"][];
    };
    /**
     * ConformSummary
     * @description An edit list that was read, in figures. ``state``: open, applied.
     */
    ConformSummary: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /** Name */
      name: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "edl" | "fcp_xml" | "aaf" | "otio";
      /**
       * State
       * @enum {string}
       */
      state: "open" | "applied";
      /** Fps */
      fps: [
        number,
        number
      ];
      /** Events */
      events: number;
      /**
       * States
       * @description Events in each state.
       */
      states: {
        [key: string]: number;
      };
      /**
       * Changes
       * @description Events that can be shots, by what they change.
       */
      changes: {
        [key: string]: number;
      };
      /**
       * Made
       * @description Events that were made into shots.
       */
      made: number;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Updated At
       * Format: date-time
       */
      updated_at: string;
    };
    /**
     * CorrectionIn
     * @description A correction: what is left out stays as it was asked for in the corrected job.
     * @example {
     *       "base_version": 3,
     *       "edits": [
     *         {
     *           "object": "hero",
     *           "prompts": [
     *             {
     *               "frame": 1040,
     *               "points": [
     *                 {
     *                   "positive": false,
     *                   "x": 410.5,
     *                   "y": 220
     *                 }
     *               ]
     *             }
     *           ]
     *         }
     *       ],
     *       "priority": "high"
     *     }
     */
    CorrectionIn: {
      /**
       * Base Version
       * @description The version of the shapes that is corrected: the latest.
       */
      base_version: number;
      /** Edits */
      edits: components["schemas"]["EditIn"][];
      /** Outputs */
      outputs?: ("mattes" | "cryptomatte" | "shapes" | "overlay" | "contact_sheet")[] | null;
      /**
       * Exports
       * @description Shape formats, as in a job.
       */
      exports?: string[] | null;
      /** Mattes */
      mattes?: ("exr" | "png8" | "png16") | null;
      /**
       * Tolerance
       * @description Allowed outline error in plate pixels.
       */
      tolerance?: number | null;
      /**
       * Template
       * @description Names of the mattes: fields project, shot, object, version, frame, ext.
       */
      template?: string | null;
      /** Priority */
      priority?: ("high" | "normal" | "low") | null;
    };
    /**
     * CutIn
     * @description Ranges of a shot's plate that become shots of their own.
     */
    CutIn: {
      /** Ranges */
      ranges: components["schemas"]["CutRange"][];
      /**
       * Handles
       * @description Frames wanted before and after a cut.
       * @default 0
       */
      handles?: number;
    };
    /**
     * CutRange
     * @description A shot to be cut out of another: first and last frame, both included, without handles.
     */
    CutRange: {
      /** Name */
      name: string;
      /** First */
      first: number;
      /** Last */
      last: number;
    };
    /**
     * DeviceDecision
     * @description Whether it may act as the person who answers.
     */
    DeviceDecision: {
      /** Approve */
      approve: boolean;
    };
    /**
     * DeviceIn
     * @description A program that wants to be signed in.
     * @example {
     *       "client": "Nuke on ws042"
     *     }
     */
    DeviceIn: {
      /**
       * Client
       * @description What the browser calls it, best with the machine.
       */
      client: string;
    };
    /**
     * DeviceKey
     * @description An API key, shown this once.
     */
    DeviceKey: {
      /** Api Key */
      api_key: string;
      /**
       * Expires At
       * Format: date-time
       */
      expires_at: string;
      /** Scopes */
      scopes: string[];
      user: components["schemas"]["DeviceUser"];
    };
    /**
     * DevicePoll
     * @description The question whether the code is approved.
     */
    DevicePoll: {
      /** Device Code */
      device_code: string;
    };
    /**
     * DeviceRequest
     * @description A program that waits for an answer.
     */
    DeviceRequest: {
      /** User Code */
      user_code: string;
      /**
       * Client
       * @description What it calls itself; anyone can claim any name.
       */
      client: string;
      /**
       * Address
       * @description The network address it asked from.
       */
      address: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Expires At
       * Format: date-time
       */
      expires_at: string;
    };
    /**
     * DeviceStart
     * @description Show ``user_code`` and ``verification_url``, and ask with ``device_code``.
     */
    DeviceStart: {
      /**
       * Device Code
       * @description The program's secret.
       */
      device_code: string;
      /**
       * User Code
       * @example BCDF-GHJK
       */
      user_code: string;
      /** Verification Url */
      verification_url: string;
      /**
       * Verification Url Complete
       * @description With the code filled in.
       */
      verification_url_complete: string;
      /**
       * Expires In
       * @description Seconds until the code is void.
       */
      expires_in: number;
      /**
       * Interval
       * @description Least seconds between two questions.
       */
      interval: number;
    };
    /**
     * DeviceUser
     * @description Whose key it is.
     */
    DeviceUser: {
      /** Id */
      id: string;
      /** Name */
      name: string;
    };
    /**
     * EdgesIn
     * @description What is done for the mattes' edges.
     */
    EdgesIn: {
      /**
       * Detail
       * @description A second look at every object at full plate resolution.
       * @default false
       */
      detail?: boolean;
      /**
       * Refine
       * @description The edge is laid by the picture.
       * @default true
       */
      refine?: boolean;
    };
    /**
     * EditIn
     * @description What was corrected of one object: its shapes, what is said about it, or both.
     *
     *     On each of ``frames`` the object is where ``layer`` shows it. ``prompts`` say it themselves: one
     *     on a frame takes the place of what was said there before, of the layer's shapes too.
     */
    EditIn: {
      /**
       * Object
       * @description The object's name.
       */
      object: string;
      /**
       * Frames
       * @description Where the shapes were corrected; at least one with a layer.
       */
      frames?: number[];
      /**
       * Layer
       * @description The object's roto/1 layer as the artist left it, all keys included: what is missing in it was deleted.
       */
      layer?: {
        [key: string]: unknown;
      } | null;
      /** Prompts */
      prompts?: components["schemas"]["PromptIn"][];
    };
    /**
     * EmailIn
     * @description An address to send something to.
     */
    EmailIn: {
      /** Email */
      email: string;
    };
    /**
     * EngineOut
     * @description A model that may be named, and who has it.
     */
    EngineOut: {
      /** Engine */
      engine: string;
      /** Model */
      model: string;
      /**
       * Workers
       * @description That have it and are given work now; 0: a job waits until one has.
       */
      workers: number;
      /**
       * Previews
       * @description Whether one of them answers previews.
       */
      previews: boolean;
    };
    /**
     * EnginesOut
     * @description Every model that may be named, by engine.
     */
    EnginesOut: {
      /** Engines */
      engines: components["schemas"]["EngineOut"][];
    };
    /**
     * ErrorBody
     * @description The shape of every refusal. ``code`` is stable; ``message`` and ``hint`` are for people.
     * @example {
     *       "code": "prompt_outside_plate",
     *       "detail": {
     *         "frame": 1001
     *       },
     *       "hint": "Prompts are in pixels of the full-size plate, origin top-left.",
     *       "message": "Point (2100, 540) on frame 1001 lies outside the 1920x1080 plate.",
     *       "request_id": "5f0c9a63c6e04c0f9f2f4f0f3f1b7f11"
     *     }
     */
    ErrorBody: {
      /** Code */
      code: string;
      /** Message */
      message: string;
      /** Hint */
      hint: string;
      /** Detail */
      detail: {
        [key: string]: unknown;
      };
      /** Request Id */
      request_id: string;
    };
    /**
     * EventIn
     * @description What somebody says of an event; what is not said stays.
     *
     *     ``path``: its media, one of the candidates or any other that may be read. ``media_start``: the
     *     timecode of the media's first frame. ``frames``: the cut in plate frames, without handles.
     */
    EventIn: {
      /** Name */
      name?: string | null;
      /** Skip */
      skip?: boolean | null;
      /** Path */
      path?: string | null;
      /** Media Start */
      media_start?: string | null;
      /** Frames */
      frames?: [
        number,
        number
      ] | null;
      /** Handles */
      handles?: number | null;
    };
    /**
     * ExportIn
     * @description Write what a version of the shot's results is made into: shapes, mattes, movies, pictures.
     * @example {
     *       "formats": [
     *         "nuke"
     *       ],
     *       "videos": [
     *         {
     *           "codec": "prores4444",
     *           "kind": "cutout"
     *         }
     *       ]
     *     }
     */
    ExportIn: {
      /**
       * Formats
       * @description Shape formats, as in `segment.exports`.
       */
      formats?: string[];
      /**
       * Version
       * @description null = the latest of the view.
       */
      version?: number | null;
      /**
       * View
       * @description Which picture of the shot: main, or another view it has (left, right).
       * @default main
       */
      view?: string;
      /** Outputs */
      outputs?: ("mattes" | "cryptomatte" | "overlay" | "contact_sheet")[];
      /**
       * Mattes
       * @default exr
       * @enum {string}
       */
      mattes?: "exr" | "png8" | "png16";
      /**
       * Template
       * @description Names of the mattes: fields project, shot, object, version, frame, ext.
       */
      template?: string | null;
      /** Videos */
      videos?: components["schemas"]["VideoIn"][];
      /**
       * Quality
       * @description Of the videos; null = project's.
       */
      quality?: ("draft" | "standard" | "final") | null;
      /**
       * Publish
       * @description Publish the files into the studio's folder by the project's publish settings.
       * @default false
       */
      publish?: boolean;
    };
    /**
     * FailureOut
     * @description What went wrong. Rates, 0 to 1, are of all jobs or attempts that succeeded or failed; of a
     *     job that succeeds at its second attempt the first one is told here, and no job.
     */
    FailureOut: {
      /** Code */
      code: string;
      /** Jobs */
      jobs: number;
      /** Job Rate */
      job_rate: number;
      /** Attempts */
      attempts: number;
      /** Attempt Rate */
      attempt_rate: number;
    };
    /**
     * FarmTokenIn
     * @description A new token for machines of the farm.
     */
    FarmTokenIn: {
      /** Name */
      name: string;
    };
    /**
     * FarmTokenMade
     * @description A new farm token with its secret, which is shown this once.
     */
    FarmTokenMade: {
      /** Id */
      id: string;
      /** Name */
      name: string;
      /** Prefix */
      prefix: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /** Last Used At */
      last_used_at: string | null;
      /** Token */
      token: string;
    };
    /**
     * FarmTokenOut
     * @description A token that machines of the farm register with. ``prefix`` is how it begins.
     */
    FarmTokenOut: {
      /** Id */
      id: string;
      /** Name */
      name: string;
      /** Prefix */
      prefix: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /** Last Used At */
      last_used_at: string | null;
    };
    /**
     * FiguresOut
     * @description How much was done.
     */
    FiguresOut: {
      /**
       * Shots
       * @description Distinct shots with a roto job that succeeded.
       */
      shots: number;
      /**
       * Frames
       * @description Frames of those jobs' plates, anew for every version.
       */
      frames: number;
      /**
       * Gpu Hours
       * @description Hours of attempts at tracking by an engine that uses a GPU, on workers that have one, whatever became of them.
       */
      gpu_hours: number;
      /**
       * Jobs
       * @description Jobs that succeeded or failed; cancelled ones do not count.
       */
      jobs: number;
      /** Failed */
      failed: number;
      /**
       * Retakes
       * @description Moves of shots to the review state retake.
       */
      retakes: number;
    };
    /**
     * FolderOut
     * @description A folder media were looked for in. ``ended_by``: the limit that ended it early.
     */
    FolderOut: {
      /** Path */
      path: string;
      /** Plates */
      plates: number;
      /** Ended By */
      ended_by: string | null;
    };
    /**
     * FoundOut
     * @description A plate that lies there. ``path`` and ``name`` are good for a new shot.
     *
     *     ``frames``: first and last on disk, null for a movie. ``gaps``: ranges that are missing between
     *     them, a hundred at most; ``missing``: frames in all of them. ``shot_id``: the shot that reads
     *     this plate already. Of a stereo pair the left one is to be ``main``, and the right one names
     *     that one's path in ``beside``; both have the name of the one shot.
     */
    FoundOut: {
      /**
       * Kind
       * @enum {string}
       */
      kind: "sequence" | "movie";
      /** Path */
      path: string;
      /** Name */
      name: string;
      /** Frames */
      frames: [
        number,
        number
      ] | null;
      /** Count */
      count: number;
      /** Gaps */
      gaps: [
        number,
        number
      ][];
      /** Missing */
      missing: number;
      /** Shot Id */
      shot_id?: string | null;
      /**
       * View
       * @default main
       */
      view?: string;
      /** Beside */
      beside?: string | null;
    };
    /**
     * GoneOut
     * @description A shot of an older list of this name that is in no event any more. It is left as it is.
     */
    GoneOut: {
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /** Name */
      name: string;
    };
    /**
     * GroupOut
     * @description Figures of a day, project or person. ``key``: the day (UTC) or an id; ``name``: the day, or
     *     what the project or person is called.
     */
    GroupOut: {
      /** Key */
      key: string;
      /** Name */
      name: string;
      /**
       * Shots
       * @description Distinct shots with a roto job that succeeded.
       */
      shots: number;
      /**
       * Frames
       * @description Frames of those jobs' plates, anew for every version.
       */
      frames: number;
      /**
       * Gpu Hours
       * @description Hours of attempts at tracking by an engine that uses a GPU, on workers that have one, whatever became of them.
       */
      gpu_hours: number;
      /**
       * Jobs
       * @description Jobs that succeeded or failed; cancelled ones do not count.
       */
      jobs: number;
      /** Failed */
      failed: number;
      /**
       * Retakes
       * @description Moves of shots to the review state retake.
       */
      retakes: number;
    };
    /**
     * Healthy
     * @description The process answers. ``public_url`` is the address it gives others.
     */
    Healthy: {
      /**
       * Status
       * @default ok
       */
      status?: string;
      /** Version */
      version: string;
      /** Public Url */
      public_url: string;
    };
    /**
     * HistoryOut
     * @description How the queues stood, oldest first. Minutes in which no server ran have no sample.
     */
    HistoryOut: {
      /** Step Minutes */
      step_minutes: number;
      /** Samples */
      samples: components["schemas"]["SampleOut"][];
    };
    /**
     * InvitationIn
     * @description Somebody to invite by mail.
     */
    InvitationIn: {
      /** Email */
      email: string;
      /** Name */
      name: string;
      /** @default artist */
      role?: components["schemas"]["Role"];
    };
    /**
     * JobCounts
     * @description How many jobs are in each state, and in all.
     */
    JobCounts: {
      /** States */
      states: {
        [key: string]: number;
      };
      /** Total */
      total: number;
      /**
       * At
       * Format: date-time
       * @description When they were counted, by the server's clock.
       */
      at: string;
    };
    /**
     * JobFrames
     * @description The frames of a job, ``first`` to ``last``, by object in the order they were asked for.
     *
     *     ``attempt``: the try of its track stage whose mattes it has, null before there was one: another
     *     try makes other mattes.
     */
    JobFrames: {
      /** First */
      first: number;
      /** Last */
      last: number;
      /** Attempt */
      attempt: string | null;
      /** Objects */
      objects: components["schemas"]["ObjectFrames"][];
    };
    /**
     * JobOut
     * @description What a user submitted and how it goes. ``params`` is the request in full.
     *
     *     ``base_version``: of a correction, the version of the shapes it corrects. ``changed``: of a
     *     correction whose mattes are done, by object name, the plate frames (inclusive ranges) that were
     *     tracked again; what is outside them is the corrected version's to the last bit.
     */
    JobOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * State
       * @enum {string}
       */
      state: "queued" | "running" | "succeeded" | "failed" | "cancelling" | "cancelled";
      progress: components["schemas"]["Progress"];
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "ingest" | "roto" | "export" | "scenes" | "publish";
      /** Priority */
      priority: string;
      /** Version */
      version: number;
      /**
       * View
       * @description The view of the plate it works on.
       * @default main
       */
      view?: string;
      /**
       * Plate Version
       * @description The version of that plate.
       * @default 1
       */
      plate_version?: number;
      /** Base Version */
      base_version: number | null;
      /** Changed */
      changed: {
        [key: string]: [
          number,
          number
        ][];
      } | null;
      /** Engine */
      engine: string | null;
      /** Model */
      model: string | null;
      /** Checkpoint Sha256 */
      checkpoint_sha256: string | null;
      /** Provenance */
      provenance: {
        [key: string]: unknown;
      };
      /** Params */
      params: {
        [key: string]: unknown;
      };
      /** Tasks */
      tasks: components["schemas"]["TaskOut"][];
      /** Created By */
      created_by: string;
      /**
       * Created By Id
       * @default
       */
      created_by_id?: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /** Started At */
      started_at: string | null;
      /** Finished At */
      finished_at: string | null;
    };
    /**
     * JobPatch
     * @description What to change of a job.
     */
    JobPatch: {
      /**
       * Priority
       * @enum {string}
       */
      priority: "high" | "normal" | "low";
    };
    /**
     * JobRefused
     * @description A job to which it was not done, and why: what asking for it alone would have answered.
     */
    JobRefused: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** Code */
      code: string;
      /** Message */
      message: string;
      /** Hint */
      hint: string;
    };
    /**
     * JobRow
     * @description A job in one line. ``queue``, ``frames_per_second`` and ``eta_seconds`` are of the stage it
     *     is at; ``review`` is the shot's.
     */
    JobRow: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /** Shot Name */
      shot_name: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /** Project Name */
      project_name: string;
      /**
       * Thumbnail Url
       * @description Relative to the server; null until there is one
       */
      thumbnail_url: string | null;
      /** Objects */
      objects: components["schemas"]["RowObject"][];
      /** Owner Id */
      owner_id: string;
      /** Owner Name */
      owner_name: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "ingest" | "roto" | "export" | "scenes" | "publish";
      /**
       * State
       * @enum {string}
       */
      state: "queued" | "running" | "succeeded" | "failed" | "cancelling" | "cancelled";
      /** Priority */
      priority: string;
      /** Queue */
      queue: string | null;
      /** Version */
      version: number;
      /** Stages */
      stages: components["schemas"]["RowStage"][];
      /** Fraction */
      fraction: number;
      /** Frames Per Second */
      frames_per_second: number | null;
      /** Eta Seconds */
      eta_seconds: number | null;
      /**
       * Message
       * @description For people: what it is doing, or why it waits.
       */
      message: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Updated At
       * Format: date-time
       */
      updated_at: string;
      /** Started At */
      started_at: string | null;
      /** Finished At */
      finished_at: string | null;
      /**
       * Worst Confidence
       * @description The lowest of its mattes', 0 to 1.
       */
      worst_confidence: number | null;
      /** Error Code */
      error_code: string | null;
      review: components["schemas"]["ReviewState"];
      /**
       * May
       * @description What you may do with its shot.
       */
      may: string[];
    };
    /**
     * JobStatus
     * @description The short answer for those who poll.
     */
    JobStatus: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * State
       * @enum {string}
       */
      state: "queued" | "running" | "succeeded" | "failed" | "cancelling" | "cancelled";
      progress: components["schemas"]["Progress"];
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
    };
    /**
     * JobsBulkIn
     * @description The same for many jobs; ``priority`` belongs to the action of that name.
     */
    JobsBulkIn: {
      /**
       * Action
       * @enum {string}
       */
      action: "cancel" | "retry" | "priority" | "delete";
      /** Job Ids */
      job_ids: string[];
      /** Priority */
      priority?: ("high" | "normal" | "low") | null;
    };
    /**
     * JobsBulkOut
     * @description What became of each, in the order asked.
     */
    JobsBulkOut: {
      /** Done */
      done: string[];
      /** Refused */
      refused: components["schemas"]["JobRefused"][];
    };
    /**
     * KeyIn
     * @description A new API key; without ``expires_in_days`` it is good until it is deleted.
     */
    KeyIn: {
      /** Name */
      name: string;
      /** Scopes */
      scopes: ("read" | "write" | "manage" | "admin")[];
      /** Expires In Days */
      expires_in_days?: number | null;
    };
    /**
     * KeyMade
     * @description A new API key with its secret, which is shown this once.
     */
    KeyMade: {
      /** Id */
      id: string;
      /** Name */
      name: string;
      /** Prefix */
      prefix: string;
      /** Scopes */
      scopes: string[];
      /**
       * Source
       * @enum {string}
       */
      source: "made" | "device";
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /** Expires At */
      expires_at: string | null;
      /** Last Used At */
      last_used_at: string | null;
      /** Key */
      key: string;
    };
    /**
     * KeyOut
     * @description An API key. ``prefix`` is how it begins; ``source`` device: made by signing in with a
     *     code.
     */
    KeyOut: {
      /** Id */
      id: string;
      /** Name */
      name: string;
      /** Prefix */
      prefix: string;
      /** Scopes */
      scopes: string[];
      /**
       * Source
       * @enum {string}
       */
      source: "made" | "device";
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /** Expires At */
      expires_at: string | null;
      /** Last Used At */
      last_used_at: string | null;
    };
    /**
     * LoginIn
     * @description ``cookie``: keep the refresh token in a cookie (for pages of this server). ``client``: what
     *     the list of sessions calls it.
     */
    LoginIn: {
      /** Email */
      email: string;
      /** Password */
      password: string;
      /**
       * Cookie
       * @default false
       */
      cookie?: boolean;
      /**
       * Client
       * @default
       */
      client?: string;
    };
    /**
     * MaintenanceIn
     * @description Turn maintenance on or off. Reading, and what the farm runs, goes on.
     */
    MaintenanceIn: {
      /** On */
      on: boolean;
      /**
       * Message
       * @default
       */
      message?: string;
      /** Until */
      until?: string | null;
      /**
       * Farm Waits
       * @description Whether workers are given nothing new meanwhile.
       * @default false
       */
      farm_waits?: boolean;
    };
    /**
     * MaintenanceOut
     * @description Whether people's writes wait. ``until`` is when that is expected to end.
     */
    MaintenanceOut: {
      /** On */
      on: boolean;
      /** Message */
      message: string;
      /** Until */
      until: string | null;
      /** Farm Waits */
      farm_waits: boolean;
      /** Since */
      since: string | null;
    };
    /**
     * MaskIn
     * @description A mask an artist drew: base64 of an 8-bit grey PNG of the plate's size; >= 128 is inside.
     */
    MaskIn: {
      /** Png */
      png: string;
    };
    /**
     * MaskOut
     * @description One object's tracked matte on one frame. ``confidence`` is the engine's, 0 to 1.
     */
    MaskOut: {
      /**
       * Object Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      object_id: string;
      /**
       * Job Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      job_id: string;
      /** Frame */
      frame: number;
      /** Confidence */
      confidence: number | null;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
    };
    /**
     * MatchIn
     * @description Where media are looked for from now on; what is not said stays.
     */
    MatchIn: {
      /** Folders */
      folders?: string[] | null;
      /** Depth */
      depth?: number | null;
      /** Handles */
      handles?: number | null;
    };
    /**
     * Me
     * @description Who the token belongs to. ``scopes``: what it is good for.
     */
    Me: {
      /** Id */
      id: string;
      /** Name */
      name: string;
      /** Email */
      email: string | null;
      /**
       * Kind
       * @enum {string}
       */
      kind: "person" | "service";
      /**
       * Role
       * @enum {string}
       */
      role: "admin" | "supervisor" | "artist" | "viewer";
      /** Scopes */
      scopes: string[];
      /**
       * May
       * @description What they may do that is of no project.
       */
      may?: string[];
      /**
       * Expires In
       * @description Seconds the access token that asks is still good for; not of a key.
       */
      expires_in?: number | null;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
    };
    /**
     * MeChange
     * @description What a person may change of themselves.
     */
    MeChange: {
      /** Name */
      name: string;
    };
    /**
     * MediaOut
     * @description A plate that an event means or may mean. ``frames``: null where nobody has read them.
     */
    MediaOut: {
      /** Path */
      path: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "sequence" | "movie";
      /** Frames */
      frames: [
        number,
        number
      ] | null;
    };
    /**
     * MemberChange
     * @description A member's new role.
     */
    MemberChange: {
      /**
       * Role
       * @enum {string}
       */
      role: "supervisor" | "artist" | "viewer";
    };
    /**
     * MemberIn
     * @description Somebody with an account to work in a project.
     * @example {
     *       "email": "ann@studio.example",
     *       "role": "artist"
     *     }
     */
    MemberIn: {
      /** Email */
      email: string;
      /**
       * Role
       * @enum {string}
       */
      role: "supervisor" | "artist" | "viewer";
    };
    /**
     * MemberOut
     * @description A member. ``email`` is for those who manage the project, null for others.
     */
    MemberOut: {
      /**
       * User Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      user_id: string;
      /** Name */
      name: string;
      /** Email */
      email: string | null;
      /** Role */
      role: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
    };
    /**
     * MembershipOut
     * @description A project somebody is in.
     */
    MembershipOut: {
      /** Project Id */
      project_id: string;
      /** Project Name */
      project_name: string;
      role: components["schemas"]["Role"];
    };
    /**
     * NodeOut
     * @description A machine of the farm. ``id`` is its name; ``changed_by`` who gave it its state, by name.
     */
    NodeOut: {
      /** Id */
      id: string;
      /**
       * State
       * @enum {string}
       */
      state: "enabled" | "draining" | "disabled";
      /** Reason */
      reason: string;
      /** Changed By */
      changed_by: string | null;
      /** Changed At */
      changed_at: string | null;
      /**
       * Alive
       * @description At least one of its workers was heard of lately.
       */
      alive: boolean;
      /** Workers */
      workers: components["schemas"]["WorkerOut"][];
    };
    /**
     * NodeStateIn
     * @description What becomes of a node. ``reason`` is told to whoever waits for it: one is needed unless it
     *     is enabled.
     */
    NodeStateIn: {
      /**
       * State
       * @enum {string}
       */
      state: "enabled" | "draining" | "disabled";
      /**
       * Reason
       * @default
       */
      reason?: string;
    };
    /**
     * NoteIn
     * @description A note about a shot, pinned to a frame, a place on it, an object or a version; or a reply.
     *
     *     ``x`` and ``y``: pixels of the full-size plate, origin top-left, y down; with a ``frame`` only.
     *     A reply stands where the note it answers does.
     * @example {
     *       "frame": 1042,
     *       "text": "The hand slips off here.",
     *       "x": 811,
     *       "y": 402.5
     *     }
     */
    NoteIn: {
      /**
       * Text
       * @description Text for people; lines are parted by newlines.
       */
      text: string;
      /** Frame */
      frame?: number | null;
      /** X */
      x?: number | null;
      /** Y */
      y?: number | null;
      /** Object Id */
      object_id?: string | null;
      /**
       * Job Id
       * @description The version (a roto or export job).
       */
      job_id?: string | null;
      /** Reply To */
      reply_to?: string | null;
    };
    /**
     * NoteOut
     * @description A note. ``reply_to``: the note it answers, whose pins are its own.
     */
    NoteOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /** Text */
      text: string;
      /** Frame */
      frame: number | null;
      /** X */
      x: number | null;
      /** Y */
      y: number | null;
      /** Object Id */
      object_id: string | null;
      /** Job Id */
      job_id: string | null;
      /** Reply To */
      reply_to: string | null;
      /** Resolved At */
      resolved_at: string | null;
      /** Resolved By */
      resolved_by: string | null;
      /** Created By */
      created_by: string;
      /**
       * Created By Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      created_by_id: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Updated At
       * Format: date-time
       */
      updated_at: string;
    };
    /**
     * NotePatch
     * @description What is to be changed: the words (by who wrote them), or whether it is dealt with.
     */
    NotePatch: {
      /** Text */
      text?: string | null;
      /** Resolved */
      resolved?: boolean | null;
    };
    /**
     * NoticesOut
     * @description What everybody who is signed in should know.
     */
    NoticesOut: {
      /** Message Of The Day */
      message_of_the_day: string;
      maintenance: components["schemas"]["MaintenanceOut"];
    };
    /**
     * ObjectChange
     * @description What is to become of an object.
     * @example {
     *       "label": "lead actor"
     *     }
     */
    ObjectChange: {
      /** Name */
      name?: string | null;
      /** Label */
      label?: string | null;
      /** Color */
      color?: number[] | null;
    };
    /**
     * ObjectFrames
     * @description What is known of an object; lists have one entry a frame, null where nothing is known.
     *
     *     ``confidence`` is the engine's, 0 to 1; ``area`` of the matte's inside, in pixels of the plate.
     *     ``prompts`` and ``keys`` are plate frames with prompts, and with keys of its shapes.
     */
    ObjectFrames: {
      /**
       * Id
       * @description Empty until it was tracked.
       */
      id: string;
      /** Name */
      name: string;
      /** Color */
      color: number[] | null;
      /** Confidence */
      confidence: (number | null)[];
      /** Area */
      area: (number | null)[];
      /** Prompts */
      prompts: number[];
      /** Keys */
      keys: number[];
    };
    /**
     * ObjectIn
     * @description A new object of a shot.
     * @example {
     *       "color": [
     *         1,
     *         0.35,
     *         0.1
     *       ],
     *       "label": "lead actor",
     *       "name": "hero"
     *     }
     */
    ObjectIn: {
      /** Name */
      name: string;
      /**
       * Label
       * @description What the thing is, for people: 'lead actor'.
       * @default
       */
      label?: string;
      /** Color */
      color?: number[] | null;
    };
    /**
     * ObjectOrder
     * @description Ids of all objects of a shot, the first one first.
     */
    ObjectOrder: {
      /** Object Ids */
      object_ids: string[];
    };
    /**
     * ObjectOut
     * @description One thing to be isolated in a shot.
     */
    ObjectOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /** Name */
      name: string;
      /** Label */
      label: string;
      /** Color */
      color: number[];
      /**
       * Position
       * @default 0
       */
      position?: number;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Updated At
       * Format: date-time
       */
      updated_at: string;
    };
    /**
     * OffsetOut
     * @description Where the next byte of a file goes.
     */
    OffsetOut: {
      /** Offset */
      offset: number;
    };
    /**
     * OutlineIn
     * @description A closed curve that shows where the object is (``add``), or takes away from those before it.
     *
     *     Plate pixels, a layer's transform applied; it may leave the frame.
     */
    OutlineIn: {
      /**
       * Kind
       * @default bezier
       * @enum {string}
       */
      kind?: "bezier" | "bspline";
      /**
       * Mode
       * @default add
       * @enum {string}
       */
      mode?: "add" | "subtract";
      /**
       * Closed
       * @default true
       * @constant
       */
      closed?: true;
      /**
       * Points
       * @description As in a roto/1 key: x, y, in_dx, in_dy, out_dx, out_dy, corner.
       */
      points: (boolean | number)[][];
    };
    /**
     * OutputCounts
     * @description The published files of a job, counted by what they are.
     */
    OutputCounts: {
      /** Roles */
      roles: components["schemas"]["RoleCount"][];
    };
    /**
     * OutputOut
     * @description A published file. ``name`` is its path below the job's export folder.
     *
     *     ``url`` is relative to the server; bytes come with Range support.
     */
    OutputOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** Role */
      role: string;
      /** Format */
      format: string | null;
      /** Object Id */
      object_id: string | null;
      /** Frame */
      frame: number | null;
      /**
       * Name
       * @example mattes/hero_matte_v001.1001.exr
       */
      name: string;
      /** Size */
      size: number;
      /** Sha256 */
      sha256: string | null;
      /** Report */
      report: {
        [key: string]: unknown;
      };
      /** Url */
      url: string;
    };
    /** Page[AdminUserOut] */
    Page_AdminUserOut_: {
      /** Items */
      items: components["schemas"]["AdminUserOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[AssigneeOut] */
    Page_AssigneeOut_: {
      /** Items */
      items: components["schemas"]["AssigneeOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[AuditEntryOut] */
    Page_AuditEntryOut_: {
      /** Items */
      items: components["schemas"]["AuditEntryOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[ConfigChangeOut] */
    Page_ConfigChangeOut_: {
      /** Items */
      items: components["schemas"]["ConfigChangeOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[ConformSummary] */
    Page_ConformSummary_: {
      /** Items */
      items: components["schemas"]["ConformSummary"][];
      /** Next */
      next?: string | null;
    };
    /** Page[FarmTokenOut] */
    Page_FarmTokenOut_: {
      /** Items */
      items: components["schemas"]["FarmTokenOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[JobOut] */
    Page_JobOut_: {
      /** Items */
      items: components["schemas"]["JobOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[JobRow] */
    Page_JobRow_: {
      /** Items */
      items: components["schemas"]["JobRow"][];
      /** Next */
      next?: string | null;
    };
    /** Page[KeyOut] */
    Page_KeyOut_: {
      /** Items */
      items: components["schemas"]["KeyOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[MaskOut] */
    Page_MaskOut_: {
      /** Items */
      items: components["schemas"]["MaskOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[MemberOut] */
    Page_MemberOut_: {
      /** Items */
      items: components["schemas"]["MemberOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[NodeOut] */
    Page_NodeOut_: {
      /** Items */
      items: components["schemas"]["NodeOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[NoteOut] */
    Page_NoteOut_: {
      /** Items */
      items: components["schemas"]["NoteOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[ObjectOut] */
    Page_ObjectOut_: {
      /** Items */
      items: components["schemas"]["ObjectOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[OutputOut] */
    Page_OutputOut_: {
      /** Items */
      items: components["schemas"]["OutputOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[PlateVersionOut] */
    Page_PlateVersionOut_: {
      /** Items */
      items: components["schemas"]["PlateVersionOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[ProjectOut] */
    Page_ProjectOut_: {
      /** Items */
      items: components["schemas"]["ProjectOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[ProjectStorageOut] */
    Page_ProjectStorageOut_: {
      /** Items */
      items: components["schemas"]["ProjectStorageOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[PublicationOut] */
    Page_PublicationOut_: {
      /** Items */
      items: components["schemas"]["PublicationOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[ReviewOut] */
    Page_ReviewOut_: {
      /** Items */
      items: components["schemas"]["ReviewOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[SessionOut] */
    Page_SessionOut_: {
      /** Items */
      items: components["schemas"]["SessionOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[ShotOut] */
    Page_ShotOut_: {
      /** Items */
      items: components["schemas"]["ShotOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[TrashOut] */
    Page_TrashOut_: {
      /** Items */
      items: components["schemas"]["TrashOut"][];
      /** Next */
      next?: string | null;
    };
    /** Page[UploadListed] */
    Page_UploadListed_: {
      /** Items */
      items: components["schemas"]["UploadListed"][];
      /** Next */
      next?: string | null;
    };
    /** Page[VersionOut] */
    Page_VersionOut_: {
      /** Items */
      items: components["schemas"]["VersionOut"][];
      /** Next */
      next?: string | null;
    };
    /**
     * PieceIn
     * @description A piece of a file, both numbered from 0.
     */
    PieceIn: {
      /** File */
      file: number;
      /** Number */
      number: number;
    };
    /**
     * Place
     * @description One folder of the studio by the names it has on each system; the server's own is ``linux``.
     *
     *     A Windows machine may know it by several: a drive letter, a UNC path.
     */
    Place: {
      /** Name */
      name: string;
      /** Linux */
      linux: string;
      /** Windows */
      windows?: string[];
      /** Macos */
      macos?: string[];
    };
    /**
     * PlateIn
     * @description Where a shot's plate is: a path the server can read in place, or a completed upload.
     */
    PlateIn: {
      /**
       * Path
       * @description A movie, or a sequence as plate.%04d.exr, plate.####.exr or plate.*.exr.
       */
      path?: string | null;
      /** Upload Id */
      upload_id?: string | null;
      /**
       * First Frame
       * @description Movies: the plate frame number of the first picture (default 1).
       */
      first_frame?: number | null;
    };
    /**
     * PlateOut
     * @description A shot's plate. ``path``: movie file, or sequence with one printf frame field.
     */
    PlateOut: {
      /**
       * Kind
       * @enum {string}
       */
      kind: "sequence" | "movie";
      /** Path */
      path: string;
      /** First Frame */
      first_frame?: number | null;
    };
    /**
     * PlateVersionIn
     * @description A new version of a shot's plate, or its first of another view.
     * @example {
     *       "plate": {
     *         "path": "/mnt/heist/plates/v2/heist_010.%04d.exr"
     *       }
     *     }
     */
    PlateVersionIn: {
      plate: components["schemas"]["PlateIn"];
      /**
       * View
       * @description Which picture of the shot: main, or another view it has (left, right).
       * @default main
       */
      view?: string;
      /**
       * Frame Range
       * @description The frames to use, handles among them; null = all there are.
       */
      frame_range?: [
        number,
        number
      ] | null;
      /**
       * Colorspace
       * @description OCIO name of its colour space; null = what was said of the version before, else the project's, else by file rules.
       */
      colorspace?: string | null;
      /** Fps */
      fps?: [
        number,
        number
      ] | null;
      /**
       * Frame Offset
       * @description Frame N of the version before is frame N + this of the new one. Versions that cannot be read are none before it.
       * @default 0
       */
      frame_offset?: number;
    };
    /**
     * PlateVersionOut
     * @description One version of one view of a shot's plate.
     *
     *     ``current``: jobs of the view work on it. ``warnings``: what artists must know before they do.
     */
    PlateVersionOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /** View */
      view: string;
      /** Version */
      version: number;
      /** Current */
      current: boolean;
      /**
       * State
       * @enum {string}
       */
      state: "probing" | "ready" | "invalid";
      plate: components["schemas"]["PlateOut"];
      /** Colorspace */
      colorspace: string | null;
      /** Width */
      width: number | null;
      /** Height */
      height: number | null;
      /** Pixel Aspect */
      pixel_aspect: number | null;
      /** Fps */
      fps: [
        number,
        number
      ] | null;
      /** Frame Range */
      frame_range: [
        number,
        number
      ] | null;
      /**
       * Frame Offset
       * @description Frame N of the version before is frame N + this of this one.
       */
      frame_offset: number;
      /** Metadata */
      metadata: {
        [key: string]: unknown;
      };
      /** Warnings */
      warnings: components["schemas"]["PlateWarning"][];
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
      /** Created By */
      created_by: string;
      /**
       * Created By Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      created_by_id: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Updated At
       * Format: date-time
       */
      updated_at: string;
    };
    /**
     * PlateWarning
     * @description What differs from the version before (``detail.against``), or that a new reading ended
     *     without one (``not_read_again``; ``detail.error`` says why).
     */
    PlateWarning: {
      /** Code */
      code: string;
      /** Message */
      message: string;
      /** Detail */
      detail: {
        [key: string]: unknown;
      };
    };
    /**
     * PreviewIn
     * @description One frame of a shot, and what is said about objects on it.
     * @example {
     *       "client_key": "nuke-4711-MegatonRoto1",
     *       "frame": 1001,
     *       "objects": [
     *         {
     *           "name": "hero",
     *           "points": [
     *             {
     *               "positive": true,
     *               "x": 640.5,
     *               "y": 360.5
     *             }
     *           ]
     *         }
     *       ]
     *     }
     */
    PreviewIn: {
      /**
       * View
       * @description Which picture of the shot: main, or another view it has (left, right).
       * @default main
       */
      view?: string;
      /** Frame */
      frame: number;
      /** Objects */
      objects: components["schemas"]["PreviewObject"][];
      /**
       * Engine
       * @description auto, flow or sam2.
       * @default auto
       */
      engine?: string;
      /**
       * Model
       * @description auto, or a model's name.
       * @default auto
       */
      model?: string;
      /**
       * Image Size
       * @description Side of the engine's input; null = any.
       */
      image_size?: number | null;
      /**
       * Client Key
       * @description Of a view that shows one preview at a time: a newer request under the same key supersedes the older one.
       */
      client_key?: string | null;
    };
    /**
     * PreviewObject
     * @description One object, as on a prompted frame of a job: clicks, a box, a drawn mask or a roto shape.
     */
    PreviewObject: {
      /**
       * Name
       * @default object
       */
      name?: string;
      /** Points */
      points?: components["schemas"]["ClickIn"][];
      /**
       * Box
       * @description x0, y0, x1, y1 in plate pixels.
       */
      box?: [
        number,
        number,
        number,
        number
      ] | null;
      mask?: components["schemas"]["MaskIn"] | null;
      /** Outline */
      outline?: components["schemas"]["OutlineIn"][] | null;
    };
    /**
     * PreviewOut
     * @description A preview. ``waiting`` or ``running``: ask ``url`` again. ``done``: here are the masks.
     *
     *     ``width`` and ``height`` are the masks' own: of a large plate they are smaller than the plate,
     *     and cover all of it. ``engine`` says what made them.
     */
    PreviewOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /**
       * State
       * @enum {string}
       */
      state: "waiting" | "running" | "done";
      /** Frame */
      frame: number;
      /** Url */
      url: string;
      /**
       * Message
       * @description What an unanswered preview waits for, for people.
       */
      message: string;
      /** Engine */
      engine?: {
        [key: string]: unknown;
      } | null;
      /** Width */
      width?: number | null;
      /** Height */
      height?: number | null;
      /** Objects */
      objects?: components["schemas"]["PreviewedObject"][];
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Expires At
       * Format: date-time
       */
      expires_at: string;
    };
    /**
     * PreviewedObject
     * @description One to three candidates for an object, best first.
     */
    PreviewedObject: {
      /** Name */
      name: string;
      /** Candidates */
      candidates: components["schemas"]["CandidateOut"][];
    };
    /**
     * Progress
     * @description How far a job is: ``done`` of ``total`` frames in ``stage``, ``fraction`` of all of it.
     * @example {
     *       "done": 34,
     *       "eta_seconds": 41.5,
     *       "fraction": 0.31,
     *       "frames_per_second": 6.2,
     *       "message": "sam2 sam2.1_hiera_small on cuda:0",
     *       "stage": "track",
     *       "total": 96
     *     }
     */
    Progress: {
      /** Stage */
      stage?: string | null;
      /**
       * Done
       * @default 0
       */
      done?: number;
      /**
       * Total
       * @default 0
       */
      total?: number;
      /**
       * Fraction
       * @default 0
       */
      fraction?: number;
      /** Frames Per Second */
      frames_per_second?: number | null;
      /** Eta Seconds */
      eta_seconds?: number | null;
      /**
       * Message
       * @default
       */
      message?: string;
    };
    /**
     * ProjectChange
     * @description What is to become of a project; what is left out stays.
     * @example {
     *       "artists_see_all": false
     *     }
     */
    ProjectChange: {
      /** Name */
      name?: string | null;
      /**
       * Artists See All
       * @description Whether artists see shots that are neither theirs nor assigned.
       */
      artists_see_all?: boolean | null;
      /** Allowed Roots */
      allowed_roots?: string[] | null;
      /** Client */
      client?: string | null;
      /** @description All of them; those left out become their defaults again. */
      settings?: components["schemas"]["ProjectSettings"] | null;
      /**
       * Archived
       * @description Archived projects can be looked at, not worked on.
       */
      archived?: boolean | null;
    };
    /**
     * ProjectIn
     * @description A new project.
     * @example {
     *       "allowed_roots": [
     *         "/mnt/heist/plates"
     *       ],
     *       "name": "heist"
     *     }
     */
    ProjectIn: {
      /** Name */
      name: string;
      /**
       * Allowed Roots
       * @description Folders plates may be read from in place, besides the server's own list.
       */
      allowed_roots?: string[];
      /**
       * Client
       * @description Whom the work is for.
       * @default
       */
      client?: string;
      settings?: components["schemas"]["ProjectSettings"];
    };
    /**
     * ProjectOut
     * @description A project.
     */
    ProjectOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** Name */
      name: string;
      /** Allowed Roots */
      allowed_roots: string[];
      /**
       * Artists See All
       * @description Whether artists see shots that are not theirs.
       * @default true
       */
      artists_see_all?: boolean;
      /**
       * Client
       * @default
       */
      client?: string;
      settings?: components["schemas"]["ProjectSettings"];
      /**
       * Archived At
       * @description Since when it can only be looked at.
       */
      archived_at?: string | null;
      /**
       * May
       * @description What who asks may do with it; null where it is not said.
       */
      may?: string[] | null;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Updated At
       * Format: date-time
       */
      updated_at: string;
    };
    /**
     * ProjectSettings
     * @description Defaults of the project's shots, its places, and where its results go.
     */
    ProjectSettings: {
      /**
       * Quality
       * @default standard
       * @enum {string}
       */
      quality?: "draft" | "standard" | "final";
      /**
       * Handles
       * @description Frames kept before and after a cut.
       * @default 0
       */
      handles?: number;
      /**
       * Colorspace
       * @description Of plates that say none.
       */
      colorspace?: string | null;
      /** Fps */
      fps?: [
        number,
        number
      ] | null;
      /** Places */
      places?: components["schemas"]["Place"][];
      publish?: components["schemas"]["PublishRule"] | null;
    };
    /**
     * ProjectStorageOut
     * @description What a project takes up. Hard links of the same bytes count once.
     *
     *     ``parts``: by what it is for: uploads, sources, proxies, masks, shapes, exports, attempts
     *     (under way, or given up), logs, other. ``complete``: false when not all of it was counted.
     */
    ProjectStorageOut: {
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /** Name */
      name: string;
      /** Trashed At */
      trashed_at: string | null;
      /** Files */
      files: number;
      /** Bytes */
      bytes: number;
      /**
       * Parts
       * @example {
       *       "masks": {
       *         "bytes": 40000000,
       *         "files": 96
       *       }
       *     }
       */
      parts: {
        [key: string]: components["schemas"]["AmountOut"];
      };
      /** Complete */
      complete: boolean;
    };
    /**
     * PromptIn
     * @description What the artist says about one object on one frame. ``absent`` excludes the rest.
     */
    PromptIn: {
      /** Frame */
      frame: number;
      /** Points */
      points?: components["schemas"]["ClickIn"][];
      /**
       * Box
       * @description x0, y0, x1, y1 in plate pixels.
       */
      box?: [
        number,
        number,
        number,
        number
      ] | null;
      mask?: components["schemas"]["MaskIn"] | null;
      /** Outline */
      outline?: components["schemas"]["OutlineIn"][] | null;
      /**
       * Absent
       * @default false
       */
      absent?: boolean;
    };
    /**
     * PromptedObject
     * @description An object (found by name in the shot, or added to it) and its prompts.
     */
    PromptedObject: {
      /** Name */
      name: string;
      /**
       * Label
       * @default
       */
      label?: string;
      /** Color */
      color?: number[] | null;
      /**
       * Frame Range
       * @description Outside it the object's matte is empty; null = all frames of the job.
       */
      frame_range?: [
        number,
        number
      ] | null;
      /** Prompts */
      prompts?: components["schemas"]["PromptIn"][];
    };
    /**
     * PublicationOut
     * @description A result in the studio's own folders, of the version that ``job_id`` has made.
     *
     *     ``output_id``: what it is a copy of. ``path``: by the name that the asker's system has for it
     *     (``X-Roto-Platform``).
     */
    PublicationOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Job Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      job_id: string;
      /** Output Id */
      output_id: string | null;
      /** Path */
      path: string;
      /** Size */
      size: number;
      /** Sha256 */
      sha256: string | null;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
    };
    /**
     * PublishIn
     * @description Publish what a finished job has exported. Where to and by which names, the project says.
     */
    PublishIn: Record<string, never>;
    /**
     * PublishRule
     * @description Where results are published: ``template`` below ``folder``, which an allowed root holds.
     */
    PublishRule: {
      /** Folder */
      folder: string;
      /** Template */
      template: string;
    };
    /**
     * QueueOut
     * @description A queue as it stands: tasks that wait for a worker, tasks that run.
     */
    QueueOut: {
      /** Name */
      name: string;
      /** Waiting */
      waiting: number;
      /** Running */
      running: number;
      /** Oldest Waiting Seconds */
      oldest_waiting_seconds: number;
      /**
       * Workers Alive
       * @description That are given its tasks: alive, on nodes that are enabled.
       */
      workers_alive: number;
    };
    /**
     * QueuesOut
     * @description All queues, and what is stuck, the longest first (a hundred at most).
     */
    QueuesOut: {
      /** Queues */
      queues: components["schemas"]["QueueOut"][];
      /** Stuck */
      stuck: components["schemas"]["StuckOut"][];
    };
    /**
     * Readiness
     * @description Whether the server can do its work now, and what is missing.
     * @example {
     *       "checks": {
     *         "database": {
     *           "message": "",
     *           "ok": true,
     *           "setting": "ROTO_DATABASE_URL"
     *         },
     *         "disk": {
     *           "message": "812.4 GB free",
     *           "ok": true,
     *           "setting": "ROTO_STORAGE_ROOT"
     *         },
     *         "redis": {
     *           "message": "ROTO_REDIS_URL: Connection refused",
     *           "ok": false,
     *           "setting": "ROTO_REDIS_URL"
     *         }
     *       },
     *       "ready": false
     *     }
     */
    Readiness: {
      /** Ready */
      ready: boolean;
      /** Checks */
      checks: {
        [key: string]: components["schemas"]["Check"];
      };
    };
    /**
     * RefreshIn
     * @description Without a token the one in the cookie is used.
     */
    RefreshIn: {
      /** Refresh Token */
      refresh_token?: string | null;
    };
    /**
     * Refused
     * @description Why a shot was not made: an error as it would have been answered alone.
     */
    Refused: {
      /** Code */
      code: string;
      /** Message */
      message: string;
      /** Hint */
      hint: string;
      /** Detail */
      detail: {
        [key: string]: unknown;
      };
    };
    /**
     * RegisterIn
     * @description Somebody who wants an account.
     */
    RegisterIn: {
      /** Email */
      email: string;
      /** Name */
      name: string;
      /** Password */
      password: string;
    };
    /**
     * RemarkOut
     * @description Something a person should know. ``code`` is stable.
     */
    RemarkOut: {
      /** Code */
      code: string;
      /** Message */
      message: string;
    };
    /**
     * RerunIn
     * @description A job of before once more, on the plate as it is now.
     */
    RerunIn: {
      /**
       * Job Id
       * @description A roto job of the shot; null = the newest of the view.
       */
      job_id?: string | null;
      /**
       * View
       * @description null = the job's own.
       */
      view?: string | null;
      /**
       * Frame Offset
       * @description Added to every frame; null = as the plates' versions say.
       */
      frame_offset?: number | null;
      /**
       * Frame Range
       * @description null = the job's, shifted; of a job of all frames, all.
       */
      frame_range?: [
        number,
        number
      ] | null;
      /**
       * Scale
       * @description fit: prompts are scaled as the plate's size was; drawn masks cannot be. keep: their pixels stay. null: refused where the sizes differ.
       */
      scale?: ("keep" | "fit") | null;
      /** Priority */
      priority?: ("high" | "normal" | "low") | null;
    };
    /**
     * ResetIn
     * @description A new password for the secret of a link in a mail.
     */
    ResetIn: {
      /** Token */
      token: string;
      /** Password */
      password: string;
    };
    /**
     * RetakeOut
     * @description Why shots were sent back. A retake with two reasons counts for both.
     */
    RetakeOut: {
      /** Reason */
      reason: string;
      /** Retakes */
      retakes: number;
    };
    /**
     * ReviewIn
     * @description A move of a shot's review state. ``before``: the state it was seen in; 409 when it is not.
     * @example {
     *       "after": "retake",
     *       "before": "pending_review",
     *       "reason": "The hair flickers from 1031 on."
     *     }
     */
    ReviewIn: {
      before: components["schemas"]["ReviewState"];
      after: components["schemas"]["ReviewState"];
      /**
       * Reason
       * @description Text for people; lines are parted by newlines.
       * @default
       */
      reason?: string;
      /**
       * Job Id
       * @description The version that was looked at.
       */
      job_id?: string | null;
    };
    /**
     * ReviewOut
     * @description A move that was made: by whom, why, and with which version before their eyes.
     */
    ReviewOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /** Job Id */
      job_id: string | null;
      before: components["schemas"]["ReviewState"];
      after: components["schemas"]["ReviewState"];
      /** Reason */
      reason: string;
      /** Created By */
      created_by: string;
      /**
       * Created By Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      created_by_id: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
    };
    /**
     * ReviewState
     * @description ``waiting``: nobody has begun. ``retake``: sent back, with a reason. ``final``: delivered.
     * @enum {string}
     */
    ReviewState: "waiting" | "in_progress" | "pending_review" | "approved" | "retake" | "final";
    /**
     * RightOut
     * @description A right and the roles that have it. ``of`` project: by the role one has in that project,
     *     and by administrators everywhere; ``of`` server: by one's role on the server.
     */
    RightOut: {
      /** Name */
      name: string;
      /** About */
      about: string;
      /**
       * Of
       * @enum {string}
       */
      of: "server" | "project";
      /**
       * Scope
       * @description What a token must be good for. account: a sign-in, no key.
       */
      scope: string;
      /**
       * Roles
       * @description Those that have it. theirs: for shots they made or are assigned to; shown: also for the others' shots, where the project shows those to artists.
       */
      roles: {
        [key: string]: "always" | "shown" | "theirs";
      };
    };
    /**
     * Role
     * @description From most to least.
     * @enum {string}
     */
    Role: "admin" | "supervisor" | "artist" | "viewer";
    /**
     * RoleCount
     * @description How many published files are of one role, and their bytes.
     */
    RoleCount: {
      /** Role */
      role: string;
      /** Files */
      files: number;
      /** Size */
      size: number;
    };
    /**
     * RoleOut
     * @description A role, on the server or in a project.
     */
    RoleOut: {
      name: components["schemas"]["Role"];
      /** About */
      about: string;
    };
    /**
     * RolesOut
     * @description The table of rights, as the server goes by it.
     */
    RolesOut: {
      /** Roles */
      roles: components["schemas"]["RoleOut"][];
      /** Rights */
      rights: components["schemas"]["RightOut"][];
    };
    /**
     * RowObject
     * @description An object the job works on.
     */
    RowObject: {
      /** Name */
      name: string;
      /**
       * Colour
       * @description Red, green, blue, 0 to 1: a display colour.
       */
      colour: number[];
    };
    /**
     * RowStage
     * @description A stage of the job: ``done`` of ``total`` frames or steps.
     */
    RowStage: {
      /** Kind */
      kind: string;
      /** State */
      state: string;
      /** Done */
      done: number;
      /** Total */
      total: number;
    };
    /**
     * RunningOut
     * @description An attempt at a task. What says whose it is is null where you may not see the shot.
     *
     *     ``stuck``: it has reported nothing new for longer than the server's ROTO_STUCK_SECONDS.
     */
    RunningOut: {
      /** Job Id */
      job_id: string | null;
      /** Task Id */
      task_id: string | null;
      /** Attempt Id */
      attempt_id: string | null;
      /** Shot Id */
      shot_id: string | null;
      /** Shot Name */
      shot_name: string | null;
      /** Project Id */
      project_id: string | null;
      /** Kind */
      kind: string;
      progress: components["schemas"]["Progress"];
      /**
       * Started At
       * Format: date-time
       */
      started_at: string;
      /**
       * Progress At
       * Format: date-time
       */
      progress_at: string;
      /** Stuck */
      stuck: boolean;
    };
    /**
     * SampleOut
     * @description A queue over some minutes from ``at`` on: the most that waited and ran, the fewest workers
     *     there were.
     */
    SampleOut: {
      /**
       * At
       * Format: date-time
       */
      at: string;
      /** Queue */
      queue: string;
      /** Waiting */
      waiting: number;
      /** Running */
      running: number;
      /** Oldest Waiting Seconds */
      oldest_waiting_seconds: number;
      /** Workers Alive */
      workers_alive: number;
    };
    /**
     * SavedViewsIn
     * @description The views of each page that is named; those of other pages stay as they are.
     * @example {
     *       "views": {
     *         "jobs": {
     *           "My failures": "owner=me&state=failed"
     *         }
     *       }
     *     }
     */
    SavedViewsIn: {
      /** Views */
      views: {
        [key: string]: {
          [key: string]: string;
        };
      };
    };
    /**
     * SavedViewsOut
     * @description One's views by page and name; a page without any is not told.
     */
    SavedViewsOut: {
      /** Views */
      views: {
        [key: string]: {
          [key: string]: string;
        };
      };
    };
    /**
     * ScanIn
     * @description A folder to look for plates in.
     * @example {
     *       "path": "/mnt/heist/plates"
     *     }
     */
    ScanIn: {
      /** Path */
      path: string;
      /**
       * Depth
       * @description Levels of folders below it.
       * @default 3
       */
      depth?: number;
    };
    /**
     * ScanOut
     * @description The plates of a folder. ``ended_by``: the limit that cut it short (null: that is all).
     */
    ScanOut: {
      /** Found */
      found: components["schemas"]["FoundOut"][];
      /** Skipped */
      skipped: components["schemas"]["SkippedOut"][];
      /** Folders */
      folders: number;
      /** Ended By */
      ended_by: ("folders" | "entries" | "plates" | "seconds") | null;
    };
    /**
     * SceneCut
     * @description ``frame``: the first of a new shot. ``score``: 0 to 1.
     */
    SceneCut: {
      /** Frame */
      frame: number;
      /** Score */
      score: number;
      /**
       * Picture Url
       * @description The frame's picture, relative to the server.
       */
      picture_url: string;
      /**
       * Before Url
       * @description The picture of the frame before, of the scene that ends.
       */
      before_url: string;
    };
    /**
     * SceneRange
     * @description What lies between two cuts: first and last frame, both included.
     */
    SceneRange: {
      /** First */
      first: number;
      /** Last */
      last: number;
    };
    /**
     * ScenesOut
     * @description The cuts in a shot's plate at one threshold.
     */
    ScenesOut: {
      /**
       * Job Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      job_id: string;
      /** Threshold */
      threshold: number;
      /** Shortest */
      shortest: number;
      /** Cuts */
      cuts: components["schemas"]["SceneCut"][];
      /** Scenes */
      scenes: components["schemas"]["SceneRange"][];
    };
    /**
     * ScopeOut
     * @description A scope a key may carry. ``usable``: whether one of yours may.
     */
    ScopeOut: {
      /**
       * Name
       * @enum {string}
       */
      name: "read" | "write" | "manage" | "admin";
      /** About */
      about: string;
      /** Usable */
      usable: boolean;
    };
    /**
     * ScopesOut
     * @description What keys can be good for.
     */
    ScopesOut: {
      /** Items */
      items: components["schemas"]["ScopeOut"][];
    };
    /**
     * SegmentIn
     * @description A roto job: track the objects, turn their mattes into shapes, export.
     * @example {
     *       "exports": [
     *         "nuke",
     *         "silhouette",
     *         "json"
     *       ],
     *       "frame_range": [
     *         1001,
     *         1060
     *       ],
     *       "objects": [
     *         {
     *           "label": "lead actor",
     *           "name": "hero",
     *           "prompts": [
     *             {
     *               "box": [
     *                 500,
     *                 200,
     *                 800,
     *                 600
     *               ],
     *               "frame": 1001,
     *               "points": [
     *                 {
     *                   "positive": true,
     *                   "x": 640.5,
     *                   "y": 360.5
     *                 },
     *                 {
     *                   "positive": false,
     *                   "x": 100,
     *                   "y": 80
     *                 }
     *               ]
     *             }
     *           ]
     *         }
     *       ],
     *       "outputs": [
     *         "mattes",
     *         "shapes"
     *       ]
     *     }
     */
    SegmentIn: {
      /** Objects */
      objects: components["schemas"]["PromptedObject"][];
      /**
       * View
       * @description Which picture of the shot: main, or another view it has (left, right).
       * @default main
       */
      view?: string;
      /**
       * Frame Range
       * @description The frames to work on; null = all of the plate.
       */
      frame_range?: [
        number,
        number
      ] | null;
      /**
       * Outputs
       * @default [
       *       "mattes",
       *       "shapes",
       *       "overlay",
       *       "contact_sheet"
       *     ]
       */
      outputs?: ("mattes" | "cryptomatte" | "shapes" | "overlay" | "contact_sheet")[];
      /**
       * Exports
       * @description Shape formats: nuke, silhouette, fusion, aftereffects, aftereffects-data, blender, lottie, svg, json.
       * @default [
       *       "json"
       *     ]
       */
      exports?: string[];
      /**
       * Mattes
       * @default exr
       * @enum {string}
       */
      mattes?: "exr" | "png8" | "png16";
      /**
       * Engine
       * @description auto, flow or sam2.
       * @default auto
       */
      engine?: string;
      /**
       * Model
       * @description auto, or a model's name.
       * @default auto
       */
      model?: string;
      /**
       * Image Size
       * @description Side of the engine's input; null = the model's.
       */
      image_size?: number | null;
      /**
       * Direction
       * @default both
       * @enum {string}
       */
      direction?: "both" | "forward" | "backward";
      edges?: components["schemas"]["EdgesIn"] | null;
      /**
       * Tolerance
       * @description Allowed outline error in plate pixels.
       * @default 1
       */
      tolerance?: number;
      /**
       * Layer Transform
       * @description off: shapes carry all motion, for hosts without a layer transform.
       * @default auto
       * @enum {string}
       */
      layer_transform?: "auto" | "off";
      /**
       * Template
       * @description Names of the mattes: fields project, shot, object, version, frame, ext.
       */
      template?: string | null;
      /**
       * Priority
       * @default normal
       * @enum {string}
       */
      priority?: "high" | "normal" | "low";
      /**
       * Quality
       * @description How much work goes in: draft, standard or final; null = the project's. A preset of what is not given: draft takes image_size 512, no edge refinement, tolerance 2; final edges.detail and tolerance 0.5.
       */
      quality?: ("draft" | "standard" | "final") | null;
      /** Videos */
      videos?: components["schemas"]["VideoIn"][];
      /**
       * Publish
       * @description Publish the files into the studio's folder by the project's publish settings.
       * @default false
       */
      publish?: boolean;
    };
    /**
     * SentOut
     * @description When a shot was sent to review.
     *
     *     ``job_id``: the version that was named, else the newest that was done by then; null when there
     *     was none.
     */
    SentOut: {
      /** Job Id */
      job_id: string | null;
      /** Version */
      version: number | null;
      /** By */
      by: string;
      /**
       * At
       * Format: date-time
       */
      at: string;
    };
    /**
     * SessionOut
     * @description A sign-in that is still good. ``current``: the one that asks.
     */
    SessionOut: {
      /** Id */
      id: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "password" | "oidc";
      /** Client */
      client: string;
      /** Address */
      address: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Last Used At
       * Format: date-time
       */
      last_used_at: string;
      /**
       * Expires At
       * Format: date-time
       */
      expires_at: string;
      /** Current */
      current: boolean;
    };
    /**
     * ShotChange
     * @description What is to become of a shot.
     *
     *     ``colorspace`` and ``fps`` are those of its current plate.
     * @example {
     *       "handles": [
     *         8,
     *         8
     *       ],
     *       "name": "heist_020"
     *     }
     */
    ShotChange: {
      /** Name */
      name?: string | null;
      /** Handles */
      handles?: [
        number,
        number
      ] | null;
      /**
       * Colorspace
       * @description OCIO name; null, when it is given: by file rules.
       */
      colorspace?: string | null;
      /** Fps */
      fps?: [
        number,
        number
      ] | null;
      /**
       * Archived
       * @description Archived shots can be looked at, not worked on.
       */
      archived?: boolean | null;
    };
    /**
     * ShotIn
     * @description A new shot.
     * @example {
     *       "colorspace": "ACEScg",
     *       "fps": [
     *         24000,
     *         1001
     *       ],
     *       "frame_range": [
     *         1001,
     *         1096
     *       ],
     *       "name": "heist_010",
     *       "plate": {
     *         "path": "/mnt/heist/plates/heist_010.%04d.exr"
     *       }
     *     }
     */
    ShotIn: {
      /** Name */
      name: string;
      plate: components["schemas"]["PlateIn"];
      /**
       * Frame Range
       * @description The frames to use, handles among them; null = all there are.
       */
      frame_range?: [
        number,
        number
      ] | null;
      /**
       * Colorspace
       * @description OCIO name of the plate's colour space; null = by file rules.
       */
      colorspace?: string | null;
      /** Fps */
      fps?: [
        number,
        number
      ] | null;
      /** Handles */
      handles?: [
        number,
        number
      ] | null;
      /**
       * Views
       * @description Plates of further views by name: right. `plate` is the view main.
       */
      views?: {
        [key: string]: components["schemas"]["PlateIn"];
      };
    };
    /**
     * ShotMove
     * @description Where a shot is to go.
     */
    ShotMove: {
      /** Project Id */
      project_id: string;
    };
    /**
     * ShotOut
     * @description A shot. Sizes, fps and range are null until the ingest job has read the plate.
     *
     *     ``state``: ``probing``, then ``ready``, or ``invalid`` with ``error``.
     */
    ShotOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /** Name */
      name: string;
      /**
       * State
       * @enum {string}
       */
      state: "probing" | "ready" | "invalid";
      plate: components["schemas"]["PlateOut"];
      /** Colorspace */
      colorspace: string | null;
      /** Width */
      width: number | null;
      /** Height */
      height: number | null;
      /** Pixel Aspect */
      pixel_aspect: number | null;
      /** Fps */
      fps: [
        number,
        number
      ] | null;
      /** Frame Range */
      frame_range: [
        number,
        number
      ] | null;
      /** Metadata */
      metadata: {
        [key: string]: unknown;
      };
      /**
       * Handles
       * @description Frames at the head and tail of `frame_range` that are not in the cut.
       * @default [
       *       0,
       *       0
       *     ]
       */
      handles?: [
        number,
        number
      ];
      /**
       * Cut
       * @description Where it is in an edit, as the edit list writes it.
       */
      cut?: {
        [key: string]: unknown;
      } | null;
      /** Archived At */
      archived_at?: string | null;
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
      /**
       * @description What people say of it; says nothing of jobs.
       * @default waiting
       */
      review?: components["schemas"]["ReviewState"];
      /** @description When it was last sent to review; null when it never was. */
      sent?: components["schemas"]["SentOut"] | null;
      /**
       * Warnings
       * @description What of it does not fit: no_cut, the handles are as long as the plate.
       */
      warnings?: components["schemas"]["Told"][];
      /**
       * Thumbnail Url
       * @description A small picture of it; null until the plate has been read.
       */
      thumbnail_url?: string | null;
      /**
       * May
       * @description What who asks may do with it; null where it is not said.
       */
      may?: string[] | null;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /**
       * Updated At
       * Format: date-time
       */
      updated_at: string;
    };
    /**
     * SignInProvider
     * @description A provider one can sign in with.
     */
    SignInProvider: {
      /** Name */
      name: string;
      /**
       * Title
       * @description For a button.
       */
      title: string;
      /**
       * Start Url
       * @description Where the browser goes; takes ?return_to=/account.
       */
      start_url: string;
    };
    /**
     * SignInWays
     * @description What the sign-in page offers besides a password.
     */
    SignInWays: {
      /**
       * Registration
       * @enum {string}
       */
      registration: "closed" | "open" | "domains";
      /** Providers */
      providers: components["schemas"]["SignInProvider"][];
    };
    /**
     * SkippedOut
     * @description What was left out; ``path`` has escapes for what cannot be printed.
     */
    SkippedOut: {
      /** Path */
      path: string;
      /**
       * Reason
       * @description unreadable, outside, bad_name, no_number, too_many.
       */
      reason: string;
    };
    /**
     * StageOut
     * @description Seconds a worker spent on a stage, over the ``attempts`` at it that succeeded.
     */
    StageOut: {
      /** Stage */
      stage: string;
      /** Attempts */
      attempts: number;
      /** Mean Seconds */
      mean_seconds: number;
      /**
       * P95 Seconds
       * @description 95 of 100 attempts took no longer; a time that was measured (nearest rank).
       */
      p95_seconds: number;
    };
    /**
     * StatisticsOut
     * @description What ended from ``since`` on and before ``until``.
     */
    StatisticsOut: {
      /**
       * Since
       * Format: date-time
       */
      since: string;
      /**
       * Until
       * Format: date-time
       */
      until: string;
      /**
       * By
       * @enum {string}
       */
      by: "day" | "project" | "user";
      total: components["schemas"]["FiguresOut"];
      /** Groups */
      groups: components["schemas"]["GroupOut"][];
      /** Stages */
      stages: components["schemas"]["StageOut"][];
      /**
       * Slowest Stage
       * @description The one that takes longest on average.
       */
      slowest_stage: string | null;
      /** Failures */
      failures: components["schemas"]["FailureOut"][];
      /** Retakes */
      retakes: components["schemas"]["RetakeOut"][];
    };
    /**
     * StuckOut
     * @description A stuck attempt and the worker that has it in hand.
     */
    StuckOut: {
      /** Job Id */
      job_id: string | null;
      /** Task Id */
      task_id: string | null;
      /** Attempt Id */
      attempt_id: string | null;
      /** Shot Id */
      shot_id: string | null;
      /** Shot Name */
      shot_name: string | null;
      /** Project Id */
      project_id: string | null;
      /** Kind */
      kind: string;
      progress: components["schemas"]["Progress"];
      /**
       * Started At
       * Format: date-time
       */
      started_at: string;
      /**
       * Progress At
       * Format: date-time
       */
      progress_at: string;
      /** Stuck */
      stuck: boolean;
      /** Worker Id */
      worker_id: string;
    };
    /**
     * TaskOut
     * @description One stage of a job.
     */
    TaskOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** Kind */
      kind: string;
      /** State */
      state: string;
      /** Position */
      position: number;
      /** Queue */
      queue: string;
      /** Progress */
      progress: {
        [key: string]: unknown;
      };
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
      /** Started At */
      started_at: string | null;
      /** Finished At */
      finished_at: string | null;
      /** Attempts */
      attempts: components["schemas"]["AttemptOut"][];
    };
    /**
     * Ticket
     * @description For ``events?ticket=``: good once, for ``expires_in`` seconds.
     */
    Ticket: {
      /** Ticket */
      ticket: string;
      /** Expires In */
      expires_in: number;
    };
    /**
     * TimesOut
     * @description A range as the list writes it; ``out`` is the first frame that is not in it any more.
     */
    TimesOut: {
      /** In */
      in: string;
      /** Out */
      out: string;
      /** Rate */
      rate: [
        number,
        number
      ];
    };
    /**
     * TokenIn
     * @description The secret of a link in a mail.
     */
    TokenIn: {
      /** Token */
      token: string;
    };
    /**
     * Tokens
     * @description A pair of tokens. ``expires_in``: seconds the access token is good for. Both are null when
     *     they are in the cookies.
     */
    Tokens: {
      /** Access Token */
      access_token: string | null;
      /** Refresh Token */
      refresh_token: string | null;
      /**
       * Token Type
       * @constant
       */
      token_type: "Bearer";
      /** Expires In */
      expires_in: number;
      user: components["schemas"]["Me"];
    };
    /**
     * Told
     * @description Something people should know of; ``code`` is stable, ``message`` is for them.
     */
    Told: {
      /** Code */
      code: string;
      /** Message */
      message: string;
      /** Detail */
      detail: {
        [key: string]: unknown;
      };
    };
    /**
     * TrashOut
     * @description Something in the trash. A version's ``id`` is that of the job that made it.
     *
     *     ``shot_id`` and ``shot_name`` are null for a project. ``purge_at``: when it is purged by itself,
     *     null for an object that versions show, which goes after the last of them.
     * @example {
     *       "id": "0b8f6c1de2f34c7f8e2a7d0c5b9a4e13",
     *       "kind": "version",
     *       "name": "v003",
     *       "project_id": "5f0c9a63c6e04c0f9f2f4f0f3f1b7f11",
     *       "project_name": "heist",
     *       "purge_at": "2026-04-01T10:00:00Z",
     *       "purging": false,
     *       "shot_id": "9a1b6c1de2f34c7f8e2a7d0c5b9a4e13",
     *       "shot_name": "heist_010",
     *       "trashed_at": "2026-03-02T10:00:00Z",
     *       "trashed_by": "Ann"
     *     }
     */
    TrashOut: {
      /**
       * Kind
       * @enum {string}
       */
      kind: "project" | "shot" | "object" | "version";
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** Name */
      name: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /** Project Name */
      project_name: string;
      /** Shot Id */
      shot_id: string | null;
      /** Shot Name */
      shot_name: string | null;
      /**
       * Trashed At
       * Format: date-time
       */
      trashed_at: string;
      /**
       * Trashed By
       * @description The name of who put it there.
       */
      trashed_by: string;
      /** Purge At */
      purge_at: string | null;
      /**
       * Purging
       * @description It is being removed: no way back.
       * @default false
       */
      purging?: boolean;
    };
    /**
     * TrashedOut
     * @description What was put into the trash, and the jobs that were cancelled for it.
     * @example {
     *       "id": "0b8f6c1de2f34c7f8e2a7d0c5b9a4e13",
     *       "kind": "version",
     *       "name": "v003",
     *       "project_id": "5f0c9a63c6e04c0f9f2f4f0f3f1b7f11",
     *       "project_name": "heist",
     *       "purge_at": "2026-04-01T10:00:00Z",
     *       "purging": false,
     *       "shot_id": "9a1b6c1de2f34c7f8e2a7d0c5b9a4e13",
     *       "shot_name": "heist_010",
     *       "trashed_at": "2026-03-02T10:00:00Z",
     *       "trashed_by": "Ann"
     *     }
     */
    TrashedOut: {
      /**
       * Kind
       * @enum {string}
       */
      kind: "project" | "shot" | "object" | "version";
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** Name */
      name: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /** Project Name */
      project_name: string;
      /** Shot Id */
      shot_id: string | null;
      /** Shot Name */
      shot_name: string | null;
      /**
       * Trashed At
       * Format: date-time
       */
      trashed_at: string;
      /**
       * Trashed By
       * @description The name of who put it there.
       */
      trashed_by: string;
      /** Purge At */
      purge_at: string | null;
      /**
       * Purging
       * @description It is being removed: no way back.
       * @default false
       */
      purging?: boolean;
      /** Cancelled Jobs */
      cancelled_jobs: string[];
    };
    /**
     * UploadFileIn
     * @description A file that will be sent. ``name`` is a plain file name.
     */
    UploadFileIn: {
      /** Name */
      name: string;
      /** Size */
      size: number;
      /** Sha256 */
      sha256: string;
    };
    /**
     * UploadFileOut
     * @description A file of an upload; ``offset`` bytes of its beginning have arrived.
     *
     *     ``pieces``: the pieces that have arrived, as ranges of numbers, both ends included. A file of
     *     which ``offset`` is ``size`` needs nothing more: all was sent, or the project had it already.
     */
    UploadFileOut: {
      /** Name */
      name: string;
      /** Size */
      size: number;
      /** Sha256 */
      sha256: string;
      /** Offset */
      offset: number;
      /** Pieces */
      pieces: [
        number,
        number
      ][];
    };
    /**
     * UploadIn
     * @description A set of files that belong together: one movie, or the frames of one sequence.
     * @example {
     *       "files": [
     *         {
     *           "name": "heist_010.1001.exr",
     *           "sha256": "9f86d0819f86d0819f86d0819f86d0819f86d0819f86d0819f86d0819f86d081",
     *           "size": 3145728
     *         }
     *       ],
     *       "project_id": "0b8f6c1de2f34c7f8e2a7d0c5b9a4e13"
     *     }
     */
    UploadIn: {
      /** Project Id */
      project_id: string;
      /** Files */
      files: components["schemas"]["UploadFileIn"][];
    };
    /**
     * UploadListed
     * @description An upload in a list; `GET uploads/{id}` tells of its files.
     */
    UploadListed: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /**
       * State
       * @enum {string}
       */
      state: "open" | "complete";
      /** File Count */
      file_count: number;
      /** First File */
      first_file: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
    };
    /**
     * UploadOut
     * @description An upload.
     */
    UploadOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Project Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      project_id: string;
      /**
       * State
       * @enum {string}
       */
      state: "open" | "complete";
      /** Files */
      files: components["schemas"]["UploadFileOut"][];
      /**
       * Piece Size
       * @description Bytes of each piece; the last one of a file has less.
       */
      piece_size: number;
      /**
       * Direct
       * @description Pieces may be put straight into the object store: `POST .../urls` says where. Those who cannot reach it send them here all the same.
       */
      direct: boolean;
    };
    /**
     * UrlOut
     * @description Where a piece can be PUT, with these headers.
     */
    UrlOut: {
      /** File */
      file: number;
      /** Number */
      number: number;
      /** Url */
      url: string;
      /** Headers */
      headers: {
        [key: string]: string;
      };
    };
    /**
     * UrlsIn
     * @description Pieces that will be sent soon.
     */
    UrlsIn: {
      /** Pieces */
      pieces: components["schemas"]["PieceIn"][];
    };
    /**
     * UrlsOut
     * @description Addresses that open for ``expires_in`` seconds; ask again for others.
     */
    UrlsOut: {
      /** Expires In */
      expires_in: number;
      /** Urls */
      urls: components["schemas"]["UrlOut"][];
    };
    /**
     * VersionConfidence
     * @description The tracking's confidence over all objects and frames, 0 to 1.
     *
     *     ``needs_you``: mattes more likely bad than good.
     */
    VersionConfidence: {
      /** Frames */
      frames: number;
      /** Mean */
      mean: number;
      /** Lowest */
      lowest: number;
      /** Needs You */
      needs_you: number;
    };
    /**
     * VersionFiles
     * @description Files of one kind: how many, and their bytes together.
     */
    VersionFiles: {
      /** Role */
      role: string;
      /** Format */
      format: string | null;
      /** Files */
      files: number;
      /** Bytes */
      bytes: number;
    };
    /**
     * VersionObject
     * @description An object of a version.
     */
    VersionObject: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** Name */
      name: string;
    };
    /**
     * VersionOut
     * @description A roto or export job as a version of the shot's results. ``id`` is the job's.
     *
     *     ``shapes_version``: of the shapes it made (roto) or wrote (export); ``source_job_id``: of an
     *     export, the version it was made of. ``review``: the last move that names this version.
     *     ``open_notes``: threads about it that nobody has resolved.
     */
    VersionOut: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /**
       * Shot Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      shot_id: string;
      /**
       * Kind
       * @enum {string}
       */
      kind: "roto" | "export";
      /** Version */
      version: number;
      /**
       * State
       * @enum {string}
       */
      state: "queued" | "running" | "succeeded" | "failed" | "cancelling" | "cancelled";
      /** Shapes Version */
      shapes_version: number | null;
      /** Base Version */
      base_version: number | null;
      /** Source Job Id */
      source_job_id: string | null;
      plate: components["schemas"]["VersionPlate"] | null;
      /** Objects */
      objects: components["schemas"]["VersionObject"][];
      /** Files */
      files: components["schemas"]["VersionFiles"][];
      /** Published */
      published: number;
      confidence: components["schemas"]["VersionConfidence"] | null;
      /** Notes */
      notes: number;
      /** Open Notes */
      open_notes: number;
      review: components["schemas"]["ReviewOut"] | null;
      /** Engine */
      engine: string | null;
      /** Model */
      model: string | null;
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
      /** Created By */
      created_by: string;
      /**
       * Created By Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      created_by_id: string;
      /**
       * Created At
       * Format: date-time
       */
      created_at: string;
      /** Finished At */
      finished_at: string | null;
    };
    /**
     * VersionPlate
     * @description The plate a version was made of.
     */
    VersionPlate: {
      /**
       * Id
       * @example 0b8f6c1de2f34c7f8e2a7d0c5b9a4e13
       */
      id: string;
      /** View */
      view: string;
      /** Version */
      version: number;
    };
    /**
     * VideoIn
     * @description A movie of the result, frame by frame as the plate, with its timecode where it is known.
     *
     *     ``greenscreen``: the objects over a colour. ``cutout``: the objects alone, in ProRes 4444 with a
     *     straight (unassociated) alpha unless a colour is given, in H.264 over a colour. ``overlay``: the
     *     plate with the roto drawn on it. Colours are Rec.709, pixel aspect is told and never baked in;
     *     there is no sound.
     */
    VideoIn: {
      /**
       * Kind
       * @enum {string}
       */
      kind: "greenscreen" | "cutout" | "overlay";
      /**
       * Codec
       * @description h264: MP4, 4:2:0, at most 16384 pixels on a side. prores4444: MOV, 4:4:4, 10 bits and more. null: prores4444 for a cutout without a colour, else h264.
       */
      codec?: ("h264" | "prores4444") | null;
      /**
       * Color
       * @description sRGB behind the objects; green or, for a cutout, black.
       */
      color?: number[] | null;
      /**
       * Longest Side
       * @description Shrunk to it; null: the plate's, 960 in drafts.
       */
      longest_side?: number | null;
      /**
       * Objects
       * @description Names; null = all of the job.
       */
      objects?: string[] | null;
      /**
       * Quality
       * @description null = the job's.
       */
      quality?: ("draft" | "standard" | "final") | null;
    };
    /**
     * WorkerOut
     * @description A worker slot of a node. ``memory``: of its GPU, in bytes, where it tells.
     */
    WorkerOut: {
      /** Id */
      id: string;
      /** Slot */
      slot: number;
      /** Device */
      device: string;
      /** Version */
      version: string;
      /** Queues */
      queues: string[];
      /** Kinds */
      kinds: string[];
      /** Engines */
      engines: {
        [key: string]: unknown;
      }[];
      /** Memory */
      memory: {
        [key: string]: number;
      } | null;
      /**
       * Memory Bytes
       * @description Of the machine.
       */
      memory_bytes: number | null;
      /**
       * Last Seen At
       * Format: date-time
       */
      last_seen_at: string;
      /** Alive */
      alive: boolean;
      current: components["schemas"]["RunningOut"] | null;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type AdminUserDetail = components['schemas']['AdminUserDetail'];
export type AdminUserOut = components['schemas']['AdminUserOut'];
export type AdminUserPatch = components['schemas']['AdminUserPatch'];
export type AmountOut = components['schemas']['AmountOut'];
export type ApplyIn = components['schemas']['ApplyIn'];
export type AssigneeOut = components['schemas']['AssigneeOut'];
export type AssignmentsIn = components['schemas']['AssignmentsIn'];
export type AssignmentsOut = components['schemas']['AssignmentsOut'];
export type AttemptOut = components['schemas']['AttemptOut'];
export type AuditActorOut = components['schemas']['AuditActorOut'];
export type AuditCheckOut = components['schemas']['AuditCheckOut'];
export type AuditEntryOut = components['schemas']['AuditEntryOut'];
export type BulkIn = components['schemas']['BulkIn'];
export type BulkItem = components['schemas']['BulkItem'];
export type BulkOut = components['schemas']['BulkOut'];
export type CandidateOut = components['schemas']['CandidateOut'];
export type ChangeIn = components['schemas']['ChangeIn'];
export type Check = components['schemas']['Check'];
export type ClickIn = components['schemas']['ClickIn'];
export type ConfigChangeOut = components['schemas']['ConfigChangeOut'];
export type ConfigEntryOut = components['schemas']['ConfigEntryOut'];
export type ConfigIn = components['schemas']['ConfigIn'];
export type ConfigOut = components['schemas']['ConfigOut'];
export type ConformEvent = components['schemas']['ConformEvent'];
export type ConformIn = components['schemas']['ConformIn'];
export type ConformOut = components['schemas']['ConformOut'];
export type ConformSummary = components['schemas']['ConformSummary'];
export type CorrectionIn = components['schemas']['CorrectionIn'];
export type CutIn = components['schemas']['CutIn'];
export type CutRange = components['schemas']['CutRange'];
export type DeviceDecision = components['schemas']['DeviceDecision'];
export type DeviceIn = components['schemas']['DeviceIn'];
export type DeviceKey = components['schemas']['DeviceKey'];
export type DevicePoll = components['schemas']['DevicePoll'];
export type DeviceRequest = components['schemas']['DeviceRequest'];
export type DeviceStart = components['schemas']['DeviceStart'];
export type DeviceUser = components['schemas']['DeviceUser'];
export type EdgesIn = components['schemas']['EdgesIn'];
export type EditIn = components['schemas']['EditIn'];
export type EmailIn = components['schemas']['EmailIn'];
export type EngineOut = components['schemas']['EngineOut'];
export type EnginesOut = components['schemas']['EnginesOut'];
export type ErrorBody = components['schemas']['ErrorBody'];
export type EventIn = components['schemas']['EventIn'];
export type ExportIn = components['schemas']['ExportIn'];
export type FailureOut = components['schemas']['FailureOut'];
export type FarmTokenIn = components['schemas']['FarmTokenIn'];
export type FarmTokenMade = components['schemas']['FarmTokenMade'];
export type FarmTokenOut = components['schemas']['FarmTokenOut'];
export type FiguresOut = components['schemas']['FiguresOut'];
export type FolderOut = components['schemas']['FolderOut'];
export type FoundOut = components['schemas']['FoundOut'];
export type GoneOut = components['schemas']['GoneOut'];
export type GroupOut = components['schemas']['GroupOut'];
export type Healthy = components['schemas']['Healthy'];
export type HistoryOut = components['schemas']['HistoryOut'];
export type InvitationIn = components['schemas']['InvitationIn'];
export type JobCounts = components['schemas']['JobCounts'];
export type JobFrames = components['schemas']['JobFrames'];
export type JobOut = components['schemas']['JobOut'];
export type JobPatch = components['schemas']['JobPatch'];
export type JobRefused = components['schemas']['JobRefused'];
export type JobRow = components['schemas']['JobRow'];
export type JobStatus = components['schemas']['JobStatus'];
export type JobsBulkIn = components['schemas']['JobsBulkIn'];
export type JobsBulkOut = components['schemas']['JobsBulkOut'];
export type KeyIn = components['schemas']['KeyIn'];
export type KeyMade = components['schemas']['KeyMade'];
export type KeyOut = components['schemas']['KeyOut'];
export type LoginIn = components['schemas']['LoginIn'];
export type MaintenanceIn = components['schemas']['MaintenanceIn'];
export type MaintenanceOut = components['schemas']['MaintenanceOut'];
export type MaskIn = components['schemas']['MaskIn'];
export type MaskOut = components['schemas']['MaskOut'];
export type MatchIn = components['schemas']['MatchIn'];
export type Me = components['schemas']['Me'];
export type MeChange = components['schemas']['MeChange'];
export type MediaOut = components['schemas']['MediaOut'];
export type MemberChange = components['schemas']['MemberChange'];
export type MemberIn = components['schemas']['MemberIn'];
export type MemberOut = components['schemas']['MemberOut'];
export type MembershipOut = components['schemas']['MembershipOut'];
export type NodeOut = components['schemas']['NodeOut'];
export type NodeStateIn = components['schemas']['NodeStateIn'];
export type NoteIn = components['schemas']['NoteIn'];
export type NoteOut = components['schemas']['NoteOut'];
export type NotePatch = components['schemas']['NotePatch'];
export type NoticesOut = components['schemas']['NoticesOut'];
export type ObjectChange = components['schemas']['ObjectChange'];
export type ObjectFrames = components['schemas']['ObjectFrames'];
export type ObjectIn = components['schemas']['ObjectIn'];
export type ObjectOrder = components['schemas']['ObjectOrder'];
export type ObjectOut = components['schemas']['ObjectOut'];
export type OffsetOut = components['schemas']['OffsetOut'];
export type OutlineIn = components['schemas']['OutlineIn'];
export type OutputCounts = components['schemas']['OutputCounts'];
export type OutputOut = components['schemas']['OutputOut'];
export type PageAdminUserOut = components['schemas']['Page_AdminUserOut_'];
export type PageAssigneeOut = components['schemas']['Page_AssigneeOut_'];
export type PageAuditEntryOut = components['schemas']['Page_AuditEntryOut_'];
export type PageConfigChangeOut = components['schemas']['Page_ConfigChangeOut_'];
export type PageConformSummary = components['schemas']['Page_ConformSummary_'];
export type PageFarmTokenOut = components['schemas']['Page_FarmTokenOut_'];
export type PageJobOut = components['schemas']['Page_JobOut_'];
export type PageJobRow = components['schemas']['Page_JobRow_'];
export type PageKeyOut = components['schemas']['Page_KeyOut_'];
export type PageMaskOut = components['schemas']['Page_MaskOut_'];
export type PageMemberOut = components['schemas']['Page_MemberOut_'];
export type PageNodeOut = components['schemas']['Page_NodeOut_'];
export type PageNoteOut = components['schemas']['Page_NoteOut_'];
export type PageObjectOut = components['schemas']['Page_ObjectOut_'];
export type PageOutputOut = components['schemas']['Page_OutputOut_'];
export type PagePlateVersionOut = components['schemas']['Page_PlateVersionOut_'];
export type PageProjectOut = components['schemas']['Page_ProjectOut_'];
export type PageProjectStorageOut = components['schemas']['Page_ProjectStorageOut_'];
export type PagePublicationOut = components['schemas']['Page_PublicationOut_'];
export type PageReviewOut = components['schemas']['Page_ReviewOut_'];
export type PageSessionOut = components['schemas']['Page_SessionOut_'];
export type PageShotOut = components['schemas']['Page_ShotOut_'];
export type PageTrashOut = components['schemas']['Page_TrashOut_'];
export type PageUploadListed = components['schemas']['Page_UploadListed_'];
export type PageVersionOut = components['schemas']['Page_VersionOut_'];
export type PieceIn = components['schemas']['PieceIn'];
export type Place = components['schemas']['Place'];
export type PlateIn = components['schemas']['PlateIn'];
export type PlateOut = components['schemas']['PlateOut'];
export type PlateVersionIn = components['schemas']['PlateVersionIn'];
export type PlateVersionOut = components['schemas']['PlateVersionOut'];
export type PlateWarning = components['schemas']['PlateWarning'];
export type PreviewIn = components['schemas']['PreviewIn'];
export type PreviewObject = components['schemas']['PreviewObject'];
export type PreviewOut = components['schemas']['PreviewOut'];
export type PreviewedObject = components['schemas']['PreviewedObject'];
export type Progress = components['schemas']['Progress'];
export type ProjectChange = components['schemas']['ProjectChange'];
export type ProjectIn = components['schemas']['ProjectIn'];
export type ProjectOut = components['schemas']['ProjectOut'];
export type ProjectSettings = components['schemas']['ProjectSettings'];
export type ProjectStorageOut = components['schemas']['ProjectStorageOut'];
export type PromptIn = components['schemas']['PromptIn'];
export type PromptedObject = components['schemas']['PromptedObject'];
export type PublicationOut = components['schemas']['PublicationOut'];
export type PublishIn = components['schemas']['PublishIn'];
export type PublishRule = components['schemas']['PublishRule'];
export type QueueOut = components['schemas']['QueueOut'];
export type QueuesOut = components['schemas']['QueuesOut'];
export type Readiness = components['schemas']['Readiness'];
export type RefreshIn = components['schemas']['RefreshIn'];
export type Refused = components['schemas']['Refused'];
export type RegisterIn = components['schemas']['RegisterIn'];
export type RemarkOut = components['schemas']['RemarkOut'];
export type RerunIn = components['schemas']['RerunIn'];
export type ResetIn = components['schemas']['ResetIn'];
export type RetakeOut = components['schemas']['RetakeOut'];
export type ReviewIn = components['schemas']['ReviewIn'];
export type ReviewOut = components['schemas']['ReviewOut'];
export type ReviewState = components['schemas']['ReviewState'];
export type RightOut = components['schemas']['RightOut'];
export type Role = components['schemas']['Role'];
export type RoleCount = components['schemas']['RoleCount'];
export type RoleOut = components['schemas']['RoleOut'];
export type RolesOut = components['schemas']['RolesOut'];
export type RowObject = components['schemas']['RowObject'];
export type RowStage = components['schemas']['RowStage'];
export type RunningOut = components['schemas']['RunningOut'];
export type SampleOut = components['schemas']['SampleOut'];
export type SavedViewsIn = components['schemas']['SavedViewsIn'];
export type SavedViewsOut = components['schemas']['SavedViewsOut'];
export type ScanIn = components['schemas']['ScanIn'];
export type ScanOut = components['schemas']['ScanOut'];
export type SceneCut = components['schemas']['SceneCut'];
export type SceneRange = components['schemas']['SceneRange'];
export type ScenesOut = components['schemas']['ScenesOut'];
export type ScopeOut = components['schemas']['ScopeOut'];
export type ScopesOut = components['schemas']['ScopesOut'];
export type SegmentIn = components['schemas']['SegmentIn'];
export type SentOut = components['schemas']['SentOut'];
export type SessionOut = components['schemas']['SessionOut'];
export type ShotChange = components['schemas']['ShotChange'];
export type ShotIn = components['schemas']['ShotIn'];
export type ShotMove = components['schemas']['ShotMove'];
export type ShotOut = components['schemas']['ShotOut'];
export type SignInProvider = components['schemas']['SignInProvider'];
export type SignInWays = components['schemas']['SignInWays'];
export type SkippedOut = components['schemas']['SkippedOut'];
export type StageOut = components['schemas']['StageOut'];
export type StatisticsOut = components['schemas']['StatisticsOut'];
export type StuckOut = components['schemas']['StuckOut'];
export type TaskOut = components['schemas']['TaskOut'];
export type Ticket = components['schemas']['Ticket'];
export type TimesOut = components['schemas']['TimesOut'];
export type TokenIn = components['schemas']['TokenIn'];
export type Tokens = components['schemas']['Tokens'];
export type Told = components['schemas']['Told'];
export type TrashOut = components['schemas']['TrashOut'];
export type TrashedOut = components['schemas']['TrashedOut'];
export type UploadFileIn = components['schemas']['UploadFileIn'];
export type UploadFileOut = components['schemas']['UploadFileOut'];
export type UploadIn = components['schemas']['UploadIn'];
export type UploadListed = components['schemas']['UploadListed'];
export type UploadOut = components['schemas']['UploadOut'];
export type UrlOut = components['schemas']['UrlOut'];
export type UrlsIn = components['schemas']['UrlsIn'];
export type UrlsOut = components['schemas']['UrlsOut'];
export type VersionConfidence = components['schemas']['VersionConfidence'];
export type VersionFiles = components['schemas']['VersionFiles'];
export type VersionObject = components['schemas']['VersionObject'];
export type VersionOut = components['schemas']['VersionOut'];
export type VersionPlate = components['schemas']['VersionPlate'];
export type VideoIn = components['schemas']['VideoIn'];
export type WorkerOut = components['schemas']['WorkerOut'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
