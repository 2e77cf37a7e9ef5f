/** The files that can be made of a shot's results, as they are chosen from. */

export type Video = "greenscreen" | "cutout" | "overlay";

export const QUALITIES = [
  ["", "As the project says"],
  ["draft", "Draft"],
  ["standard", "Standard"],
  ["final", "Final"],
] as const;
export const OUTPUTS = [
  ["mattes", "Mattes"],
  ["cryptomatte", "Cryptomatte"],
  ["shapes", "Shapes"],
  ["overlay", "Overlay movie"],
  ["contact_sheet", "Contact sheet"],
] as const;
export const FORMATS = [
  ["nuke", "Nuke"],
  ["silhouette", "Silhouette"],
  ["fusion", "Fusion"],
  ["aftereffects", "After Effects"],
  ["aftereffects-data", "After Effects data"],
  ["blender", "Blender"],
  ["svg", "SVG"],
  ["lottie", "Lottie"],
  ["json", "roto/1"],
] as const;
export const MATTES = [
  ["exr", "EXR, half float"],
  ["png8", "PNG, 8 bits"],
  ["png16", "PNG, 16 bits"],
] as const;
export const VIDEOS = [
  ["greenscreen", "Green screen, H.264"],
  ["cutout", "Cut-out with alpha, ProRes 4444"],
  ["overlay", "Roto over the plate, H.264"],
] as const;
