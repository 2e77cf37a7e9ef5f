// The application and the globals a script sees.
"use strict";
const { makeContext } = require("./language");
const { strict, text, truth, enumeration } = require("./strict");
const { world, newProject, beginUndoGroup, endUndoGroup } = require("./world");
const { Shape } = require("./shape");
const { Property, INTERPOLATION } = require("./property");
const { PropertyGroup, MaskPropertyGroup, MASK_MODES, MOTION_BLUR } = require("./masks");
const { File, Folder, ImportOptions } = require("./files");
const foot = require("./footage");
const { AVLayer, CameraLayer, MATTES, BLENDING } = require("./layers");
const { CompItem, Project, project, open } = require("./items");

const OS = { Linux: "Linux", Windows: "Windows/64 10.0", Mac: "Macintosh OS 15" };

function application() {
  return strict("Application", {
    get project() { return project(); },
    get version() { return world.version; },
    get buildName() { return world.version; },
    get isoLanguage() { return world.language; },
    beginUndoGroup(name) { beginUndoGroup(text(name)); },
    endUndoGroup,
    beginSuppressDialogs() { world.suppressed += 1; },
    endSuppressDialogs(show) { truth(show); world.suppressed -= 1; },
    newProject() { newProject(); return project(); },
    open,
  });
}

// A context with After Effects in it. `world.project` must exist.
function afterEffects() {
  return makeContext({
    app: application(),
    $: strict("$", { get os() { return OS[world.os]; } }),
    alert(message) { world.alerts.push(text(message)); },
    CompItem, Project, AVLayer, CameraLayer, Shape, Property, PropertyGroup, MaskPropertyGroup, File, Folder, ImportOptions,
    FootageItem: foot.FootageItem, FolderItem: foot.FolderItem, FileSource: foot.FileSource,
    SolidSource: foot.SolidSource, PlaceholderSource: foot.PlaceholderSource,
    MaskMode: enumeration("MaskMode", MASK_MODES),
    MaskMotionBlur: enumeration("MaskMotionBlur", MOTION_BLUR),
    KeyframeInterpolationType: enumeration("KeyframeInterpolationType", INTERPOLATION),
    TrackMatteType: enumeration("TrackMatteType", MATTES),
    FrameBlendingType: enumeration("FrameBlendingType", BLENDING),
    FieldSeparationType: enumeration("FieldSeparationType", foot.FIELDS),
    AlphaMode: enumeration("AlphaMode", foot.ALPHA),
    PulldownPhase: enumeration("PulldownPhase", foot.PULLDOWN),
  });
}

module.exports = { afterEffects };
