// What an artist does in After Effects by hand, through After Effects' own objects (ES3).
var artist = {
  // A composition of a sequence's whole length with its layer in it, shown and selected.
  open: function (firstFile, fps, project) {
    app.beginUndoGroup("artist: open");
    var options = new ImportOptions(new File(firstFile));
    options.sequence = true;
    var plate = app.project.importFile(options);
    plate.mainSource.conformFrameRate = fps;
    var comp = app.project.items.addComp("shot", plate.width, plate.height, 1, plate.duration, fps);
    var layer = comp.layers.add(plate);
    comp.openInViewer();
    layer.selected = true;
    app.endUndoGroup();
    if (project) { app.project.save(new File(project)); }
  },
  // Save, close, and open the project again.
  again: function (project) {
    app.project.save();
    app.open(new File(project));
    artist.select();
  },
  layer: function () { return app.project.activeItem.layer(1); },
  select: function () { artist.layer().selected = true; },
  goTo: function (frame) {
    var comp = app.project.activeItem;
    comp.time = frame * comp.frameDuration;
  },
  masks: function () { return artist.layer().property("ADBE Mask Parade"); },
  mask: function (name) {
    var masks = artist.masks();
    for (var i = 1; i <= masks.numProperties; i++) {
      if (masks.property(i).name === name) { return masks.property(i); }
    }
    throw new Error("no mask " + name);
  },
  // A rectangle in layer pixels, keyed on a frame of the composition.
  rectangle: function (name, left, top, right, bottom, frame) {
    app.beginUndoGroup("artist: rectangle");
    var masks = artist.masks();
    masks.addProperty("ADBE Mask Atom");
    var mask = masks.property(masks.numProperties);
    mask.name = name;
    mask.maskMode = MaskMode.NONE;
    var shape = new Shape();
    shape.vertices = [[left, top], [right, top], [right, bottom], [left, bottom]];
    shape.inTangents = [[0, 0], [0, 0], [0, 0], [0, 0]];
    shape.outTangents = [[0, 0], [0, 0], [0, 0], [0, 0]];
    shape.closed = true;
    mask.property("ADBE Mask Shape").setValueAtTime(frame * app.project.activeItem.frameDuration, shape);
    app.endUndoGroup();
  },
  // A Point Control, keyed on a frame of the composition.
  point: function (name, x, y, frame) {
    app.beginUndoGroup("artist: point");
    var effects = artist.layer().property("ADBE Effect Parade");
    var effect = effects.addProperty("ADBE Point Control");
    effect.name = name;
    effect.property(1).setValueAtTime(frame * app.project.activeItem.frameDuration, [x, y]);
    app.endUndoGroup();
  },
  // Vertices of a path moved on a frame of the composition; keyed there if it was not.
  drag: function (name, frame, dx, dy, count) {
    app.beginUndoGroup("artist: drag");
    var path = artist.mask(name).property("ADBE Mask Shape");
    var time = frame * app.project.activeItem.frameDuration;
    var shape = path.valueAtTime(time, false);
    var vertices = shape.vertices;
    for (var i = 0; i < count && i < vertices.length; i++) {
      vertices[i] = [vertices[i][0] + dx, vertices[i][1] + dy];
    }
    shape.vertices = vertices;
    path.setValueAtTime(time, shape);
    app.endUndoGroup();
  },
  rename: function (name, to) {
    app.beginUndoGroup("artist: rename");
    artist.mask(name).name = to;
    app.endUndoGroup();
  },
  remap: function (on) {
    app.beginUndoGroup("artist: remap");
    artist.layer().timeRemapEnabled = on;
    app.endUndoGroup();
  }
};
