"""The ExtendScript (ES3) that builds the masks."""

from __future__ import annotations

# Match names, never display names: those are translated. Adding a mask makes every earlier
# reference to one stale, so all are added first and fetched again by index.
_SCRIPT = """\
// Megaton Roto masks. Select the layer whose source is the plate, then File > Scripts > Run.
(function () {
    var DATA = __DATA__;
    var MODES = { add: MaskMode.ADD, subtract: MaskMode.SUBTRACT, none: MaskMode.NONE };

    function problem(comp, layer) {
        if (!(comp instanceof CompItem)) { return "Open a composition first."; }
        if (!layer || comp.selectedLayers.length !== 1) { return "Select one layer: the plate."; }
        if (!layer.property("ADBE Mask Parade")) { return "This layer cannot hold masks."; }
        if (layer.locked) { return "The layer is locked."; }
        if (layer.timeRemapEnabled) { return "The layer is time-remapped."; }
        if (layer.stretch !== 100) { return "The layer is time-stretched."; }
        return "";
    }

    function timesOf(frames, comp, layer) {
        var start = Math.round(layer.startTime / comp.frameDuration);
        var times = [];
        for (var i = 0; i < frames.length; i++) {
            times.push((start + frames[i] - DATA.first_frame) * comp.frameDuration);
        }
        return times;
    }

    function shapeOf(row, closed, sx, sy) {
        var shape = new Shape();
        var vertices = [];
        var inTangents = [];
        var outTangents = [];
        for (var i = 0; i < row.length; i += 6) {
            vertices.push([row[i] * sx, row[i + 1] * sy]);
            inTangents.push([row[i + 2] * sx, row[i + 3] * sy]);
            outTangents.push([row[i + 4] * sx, row[i + 5] * sy]);
        }
        shape.vertices = vertices;
        shape.inTangents = inTangents;
        shape.outTangents = outTangents;
        shape.closed = closed;
        return shape;
    }

    function setKeys(property, times, values, held) {
        if (times.length === 1) {
            property.setValue(values[0]);
            return;
        }
        property.setValuesAtTimes(times, values);
        for (var i = 0; i < held.length; i++) {
            var key = property.nearestKeyIndex(times[held[i]]);
            property.setInterpolationTypeAtKey(key, KeyframeInterpolationType.LINEAR,
                KeyframeInterpolationType.HOLD);
        }
    }

    function fill(mask, item, comp, layer) {
        var sx = layer.source && layer.source.width ? layer.source.width / DATA.width : 1;
        var sy = layer.source && layer.source.height ? layer.source.height / DATA.height : 1;
        var shapes = [];
        for (var i = 0; i < item.points.length; i++) {
            shapes.push(shapeOf(item.points[i], item.closed, sx, sy));
        }
        mask.name = item.name;
        mask.maskMode = MODES[item.mode];
        mask.inverted = item.inverted;
        mask.rotoBezier = false;
        mask.color = item.color;
        mask.maskMotionBlur = item.motion_blur ? MaskMotionBlur.ON : MaskMotionBlur.OFF;
        setKeys(mask.property("ADBE Mask Shape"), timesOf(item.frames, comp, layer), shapes,
            item.hold);
        if (item.feather > 0) {
            mask.property("ADBE Mask Feather").setValue([item.feather * sx, item.feather * sy]);
        }
        var opacity = mask.property("ADBE Mask Opacity");
        if (typeof item.opacity === "number") {
            opacity.setValue(item.opacity);
        } else {
            setKeys(opacity, timesOf(item.opacity.frames, comp, layer), item.opacity.values,
                item.opacity.hold);
        }
    }

    function build(comp, layer) {
        var parade = layer.property("ADBE Mask Parade");
        var indices = [];
        for (var i = 0; i < DATA.masks.length; i++) {
            indices.push(parade.addProperty("ADBE Mask Atom").propertyIndex);
        }
        for (var j = 0; j < DATA.masks.length; j++) {
            fill(parade.property(indices[j]), DATA.masks[j], comp, layer);
        }
    }

    var comp = app.project ? app.project.activeItem : null;
    var layer = comp && comp.selectedLayers ? comp.selectedLayers[0] : null;
    var message = problem(comp, layer);
    if (message) {
        alert("Megaton Roto: " + message);
        return;
    }
    app.beginUndoGroup("Megaton Roto masks");
    try {
        build(comp, layer);
    } finally {
        app.endUndoGroup();
    }
}());
"""


def script(data: str) -> str:
    """The script around ``data``, a JSON text in ASCII (which is an ES3 literal)."""
    return _SCRIPT.replace("__DATA__", data)
