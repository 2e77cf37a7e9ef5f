// Made by `npm run types` from server/openapi.json: do not edit.
/* eslint-disable */
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
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
     * Check
     * @description One thing the server needs.
     */
    Check: {
      /** Ok */
      ok: boolean;
      /**
       * Message
       * @default
       */
      message?: string;
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
     * ExportIn
     * @description Write a version of a shot's shapes in host formats.
     * @example {
     *       "formats": [
     *         "nuke"
     *       ]
     *     }
     */
    ExportIn: {
      /** Formats */
      formats: string[];
      /**
       * Version
       * @description null = the latest.
       */
      version?: number | null;
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
      kind: "ingest" | "roto" | "export";
      /** Priority */
      priority: string;
      /** Version */
      version: number;
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
    /** Page[JobOut] */
    Page_JobOut_: {
      /** Items */
      items: components["schemas"]["JobOut"][];
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
    /** Page[ProjectOut] */
    Page_ProjectOut_: {
      /** Items */
      items: components["schemas"]["ProjectOut"][];
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
       * @description In and out frame: outside it the object's matte is empty. null = all frames.
       */
      frame_range?: [
        number,
        number
      ] | null;
      /** Prompts */
      prompts?: components["schemas"]["PromptIn"][];
    };
    /**
     * Readiness
     * @description Whether the server can do its work now, and what is missing.
     * @example {
     *       "checks": {
     *         "database": {
     *           "message": "",
     *           "ok": true
     *         },
     *         "redis": {
     *           "message": "Connection refused",
     *           "ok": false
     *         },
     *         "storage": {
     *           "message": "812.4 GB free",
     *           "ok": true
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
      /** Frame Range */
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
       * @description The frames to use; null = all there are.
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
      /** Error */
      error: {
        [key: string]: unknown;
      } | null;
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
     * @description A file of an upload; ``offset`` bytes have arrived.
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
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type AttemptOut = components['schemas']['AttemptOut'];
export type CandidateOut = components['schemas']['CandidateOut'];
export type Check = components['schemas']['Check'];
export type ClickIn = components['schemas']['ClickIn'];
export type CorrectionIn = components['schemas']['CorrectionIn'];
export type EdgesIn = components['schemas']['EdgesIn'];
export type EditIn = components['schemas']['EditIn'];
export type ErrorBody = components['schemas']['ErrorBody'];
export type ExportIn = components['schemas']['ExportIn'];
export type Healthy = components['schemas']['Healthy'];
export type JobOut = components['schemas']['JobOut'];
export type JobStatus = components['schemas']['JobStatus'];
export type MaskIn = components['schemas']['MaskIn'];
export type MaskOut = components['schemas']['MaskOut'];
export type ObjectIn = components['schemas']['ObjectIn'];
export type ObjectOut = components['schemas']['ObjectOut'];
export type OffsetOut = components['schemas']['OffsetOut'];
export type OutlineIn = components['schemas']['OutlineIn'];
export type OutputOut = components['schemas']['OutputOut'];
export type PageJobOut = components['schemas']['Page_JobOut_'];
export type PageMaskOut = components['schemas']['Page_MaskOut_'];
export type PageObjectOut = components['schemas']['Page_ObjectOut_'];
export type PageOutputOut = components['schemas']['Page_OutputOut_'];
export type PageProjectOut = components['schemas']['Page_ProjectOut_'];
export type PageShotOut = components['schemas']['Page_ShotOut_'];
export type PlateIn = components['schemas']['PlateIn'];
export type PlateOut = components['schemas']['PlateOut'];
export type PreviewIn = components['schemas']['PreviewIn'];
export type PreviewObject = components['schemas']['PreviewObject'];
export type PreviewOut = components['schemas']['PreviewOut'];
export type PreviewedObject = components['schemas']['PreviewedObject'];
export type Progress = components['schemas']['Progress'];
export type ProjectIn = components['schemas']['ProjectIn'];
export type ProjectOut = components['schemas']['ProjectOut'];
export type PromptIn = components['schemas']['PromptIn'];
export type PromptedObject = components['schemas']['PromptedObject'];
export type Readiness = components['schemas']['Readiness'];
export type SegmentIn = components['schemas']['SegmentIn'];
export type ShotIn = components['schemas']['ShotIn'];
export type ShotOut = components['schemas']['ShotOut'];
export type TaskOut = components['schemas']['TaskOut'];
export type UploadFileIn = components['schemas']['UploadFileIn'];
export type UploadFileOut = components['schemas']['UploadFileOut'];
export type UploadIn = components['schemas']['UploadIn'];
export type UploadOut = components['schemas']['UploadOut'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
