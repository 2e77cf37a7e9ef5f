/** Makes of mattes what is drawn of them, beside the page, which goes on playing meanwhile. */

import { alphaOf, type Box, boxOf, edgeOf, type Rgba } from "./mattes";

export interface Asked {
  id: number;
  png: Blob;
}

/** `box`: where in the matte, `width` by `height`, the two pictures lie; null: it is black. */
export interface Made {
  id: number;
  width?: number;
  height?: number;
  box?: Box | null;
  fill?: ImageBitmap;
  edge?: ImageBitmap;
  error?: string;
}

self.onmessage = async ({ data: { id, png } }: MessageEvent<Asked>) => {
  try {
    const { made, pictures } = await make(png);
    self.postMessage({ id, ...made } satisfies Made, { transfer: pictures });
  } catch (error) {
    self.postMessage({ id, error: String(error) } satisfies Made);
  }
};

async function make(png: Blob): Promise<{ made: Omit<Made, "id">; pictures: ImageBitmap[] }> {
  const picture = await createImageBitmap(png);
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws no pictures.");
  context.drawImage(picture, 0, 0);
  picture.close();
  const box = boxOf(context.getImageData(0, 0, width, height) as Rgba);
  if (!box) return { made: { width, height, box }, pictures: [] };
  const pixels = context.getImageData(box.x, box.y, box.width, box.height) as Rgba;
  const [fill, edge] = await Promise.all([bitmap(alphaOf(pixels)), bitmap(edgeOf(pixels))]);
  return { made: { width, height, box, fill, edge }, pictures: [fill, edge] };
}

function bitmap({ data, width, height }: Rgba): Promise<ImageBitmap> {
  return createImageBitmap(new ImageData(data, width, height));
}
