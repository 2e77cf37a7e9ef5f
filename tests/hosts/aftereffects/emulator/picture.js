// saveFrameToPng: the file comes later, and in parts, as After Effects writes it.
"use strict";
const fs = require("fs");
const zlib = require("zlib");
const { world } = require("./world");
const files = require("./files");

// A comp's picture: its lowest layer's plate where that is a PNG of its size, else flat grey.
function saveFrame(comp, time, path) {
  const bytes = framePicture(comp, time);
  const half = Math.floor(bytes.length / 2);
  setTimeout(() => fs.writeFileSync(path, bytes.subarray(0, half)), 20);
  setTimeout(() => fs.writeFileSync(path, bytes), 120);
}

function framePicture(comp, time) {
  const [width, height] = [comp.width, comp.height].map((n, i) => Math.ceil(n / comp.resolution[i]));
  const below = comp.layers[comp.layers.length - 1];
  const plate = below && world.project.items.find((each) => each.id === below.source);
  if (plate && plate.kind === "footage" && plate.path) {
    const path = files.nthFile(plate.path, Math.round((time - below.start) * comp.fps));
    if (/\.png$/i.test(path) && fs.existsSync(path) && plate.width === width && plate.height === height) {
      return fs.readFileSync(path);
    }
  }
  return greyPng(width, height);
}

function greyPng(width, height) {
  const rows = Buffer.alloc((width + 1) * height, 128);
  for (let y = 0; y < height; y += 1) { rows[y * (width + 1)] = 0; }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const parts = [["IHDR", header], ["IDAT", zlib.deflateSync(rows)], ["IEND", Buffer.alloc(0)]];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts.map(([name, data]) => chunk(name, data))]);
}
function chunk(name, data) {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([head, body, tail]);
}

module.exports = { saveFrame };
