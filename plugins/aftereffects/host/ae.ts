/**
 * The only module that names After Effects' globals. Another way to script it (UXP, whose classes
 * follow these) needs another module of this shape; the rest of the host code uses what it is
 * given.
 */

export type Source = FileSource;

export const MASKS = "ADBE Mask Parade";
export const MASK = "ADBE Mask Atom";
export const PATH = "ADBE Mask Shape";
export const FEATHER = "ADBE Mask Feather";
export const OPACITY = "ADBE Mask Opacity";
export const EXPANSION = "ADBE Mask Offset";
export const EFFECTS = "ADBE Effect Parade";
export const POINT_CONTROL = "ADBE Point Control";
export const POINT = "ADBE Point Control-0001";
export const TRANSFORM = "ADBE Transform Group";

export function project(): Project {
  return app.project;
}

export function version(): string {
  return app.version;
}

export function language(): string {
  return app.isoLanguage;
}

export function system(): string {
  return $.os;
}

export function shownComp(): CompItem | null {
  const item = app.project ? app.project.activeItem : null;
  return item instanceof CompItem ? item : null;
}

export function asComp(item: unknown): CompItem | null {
  return item instanceof CompItem ? item : null;
}

export function asFootage(item: unknown): FootageItem | null {
  return item instanceof FootageItem ? item : null;
}

export function asFolder(item: unknown): FolderItem | null {
  return item instanceof FolderItem ? item : null;
}

export function asLayer(layer: unknown): AVLayer | null {
  return layer instanceof AVLayer ? layer : null;
}

export function asFileSource(source: unknown): FileSource | null {
  return source instanceof FileSource ? source : null;
}

/** Every item of the project that is a composition. */
export function comps(): CompItem[] {
  const found: CompItem[] = [];
  for (let i = 1; i <= app.project.numItems; i++) {
    const comp = asComp(app.project.item(i));
    if (comp) {
      found.push(comp);
    }
  }
  return found;
}

/** What `action` changes is one step of Edit > Undo, named `name`. Not to be nested. */
export function undoable<V>(name: string, action: () => V): V {
  app.beginUndoGroup(name);
  try {
    return action();
  } finally {
    app.endUndoGroup();
  }
}

// --- paths, as this machine writes them

export function pathOf(file: File | null): string {
  return file ? file.fsName : "";
}

export function fileExists(path: string): boolean {
  return new File(path).exists;
}

export function importPath(path: string, sequence: boolean): FootageItem | null {
  const options = new ImportOptions(new File(path));
  options.sequence = sequence;
  return asFootage(app.project.importFile(options));
}

/** A path for a passing file; null where the folder cannot be made. An old file there is gone. */
export function passingFile(name: string): string | null {
  const folder = new Folder(Folder.temp.fsName + "/megaton-roto");
  if (!folder.exists && !folder.create()) {
    return null;
  }
  const file = new File(folder.fsName + "/" + name);
  if (file.exists && !file.remove()) {
    return null;
  }
  return file.fsName;
}

/** A file that is not there, or is in use, is no matter. */
export function removeFile(path: string): void {
  const file = path ? new File(path) : null;
  if (file && file.exists) {
    file.remove();
  }
}

/** Writes later, after the script's end. */
export function writePicture(comp: CompItem, seconds: number, path: string): void {
  comp.saveFrameToPng(seconds, new File(path));
}

// --- properties

export function masksOf(layer: AVLayer): PropertyGroup {
  return layer.property(MASKS) as PropertyGroup;
}

export function maskAt(layer: AVLayer, index: number): MaskPropertyGroup {
  return masksOf(layer).property(index) as MaskPropertyGroup;
}

export function pathProperty(mask: MaskPropertyGroup): ShapeProperty {
  return mask.property(PATH) as ShapeProperty;
}

export function opacityProperty(mask: MaskPropertyGroup): OneDProperty {
  return mask.property(OPACITY) as OneDProperty;
}

export function featherProperty(mask: MaskPropertyGroup): TwoDProperty {
  return mask.property(FEATHER) as TwoDProperty;
}

export function newShape(): Shape {
  return new Shape();
}

export function isHold(property: Property, key: number): boolean {
  return property.keyOutInterpolationType(key) === KeyframeInterpolationType.HOLD;
}

/** Whether the way from this key to the next is a curve in time. */
export function isEased(property: Property, key: number): boolean {
  const out = property.keyOutInterpolationType(key);
  const next = key < property.numKeys ? property.keyInInterpolationType(key + 1) : out;
  const bezier = KeyframeInterpolationType.BEZIER;
  return out === bezier || (next === bezier && out !== KeyframeInterpolationType.HOLD);
}

export function setHold(property: Property, key: number, hold: boolean): void {
  property.setInterpolationTypeAtKey(
    key,
    KeyframeInterpolationType.LINEAR,
    hold ? KeyframeInterpolationType.HOLD : KeyframeInterpolationType.LINEAR
  );
}

// --- enumerations

export function setMode(mask: MaskPropertyGroup, mode: "add" | "subtract" | "none"): void {
  const modes = { add: MaskMode.ADD, subtract: MaskMode.SUBTRACT, none: MaskMode.NONE };
  mask.maskMode = modes[mode];
}

/** The mode's name, null for one that roto shapes do not know. */
export function modeOf(mask: MaskPropertyGroup): "add" | "subtract" | "none" | null {
  if (mask.maskMode === MaskMode.ADD) {
    return "add";
  }
  if (mask.maskMode === MaskMode.SUBTRACT) {
    return "subtract";
  }
  return mask.maskMode === MaskMode.NONE ? "none" : null;
}

export function setMotionBlur(mask: MaskPropertyGroup, on: boolean): void {
  mask.maskMotionBlur = on ? MaskMotionBlur.ON : MaskMotionBlur.OFF;
}

export function hasMotionBlur(mask: MaskPropertyGroup): boolean {
  return mask.maskMotionBlur === MaskMotionBlur.ON;
}

export function isProgressive(source: FootageSource): boolean {
  return source.fieldSeparationType === FieldSeparationType.OFF;
}

export function hasPulldown(source: FootageSource): boolean {
  return source.removePulldown !== PulldownPhase.OFF;
}

/** The farm's alpha is coverage and nothing is multiplied by it, whatever a preference says. */
export function readStraight(source: FootageSource): void {
  if (source.hasAlpha) {
    source.alphaMode = AlphaMode.STRAIGHT;
  }
}

/** After Effects 23 takes any layer as a matte; before, it is the one directly above. */
export function useAsMatte(layer: AVLayer, matte: AVLayer, mode: "alpha" | "luma"): void {
  const kind = mode === "alpha" ? TrackMatteType.ALPHA : TrackMatteType.LUMA;
  if (parseFloat(app.version) >= 23) {
    const newer = layer as unknown as { setTrackMatte(matte: AVLayer, kind: unknown): void };
    newer.setTrackMatte(matte, kind);
  } else {
    layer.trackMatteType = kind;
  }
}
