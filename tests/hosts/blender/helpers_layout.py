"""A layout that draws nothing and believes nothing: what a panel draws is held against Blender's
own registry, as Blender itself would only warn on its console."""

from __future__ import annotations

import bpy

ICONS = frozenset(bpy.types.UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items.keys())


class Layout:
    """Stands in for `bpy.types.UILayout`; ``found`` is shared with every layout inside it."""

    def __init__(self, found=None):
        self.__dict__["found"] = found if found is not None else {"text": [], "buttons": []}
        self.__dict__["traits"] = {"scale_y", "use_property_split", "use_property_decorate"}

    def __setattr__(self, name, value):
        assert name in self.traits, f"a layout has no {name}"
        assert name in bpy.types.UILayout.bl_rna.properties

    def _inside(self, align=False):
        assert isinstance(align, bool)
        return Layout(self.found)

    row = column = _inside

    def box(self):
        return Layout(self.found)

    def label(self, *, text="", icon="NONE"):
        assert isinstance(text, str)
        assert icon in ICONS, icon
        self.found["text"].append(text)

    def progress(self, *, text, factor):
        assert 0.0 <= factor <= 1.0
        self.found["text"].append(text)

    def prop(self, owner, name, *, text=None, icon="NONE"):
        assert name in owner.bl_rna.properties, f"{owner} has no property {name}"
        assert icon in ICONS, icon
        self.found["text"].append(owner.bl_rna.properties[name].name)

    def operator(self, idname, *, text=None, icon="NONE", emboss=True, depress=False):
        assert icon in ICONS, icon
        group, name = idname.split(".")
        rna = getattr(getattr(bpy.ops, group), name).get_rna_type()
        button = Button(rna, rna.name if text is None else text)
        self.found["buttons"].append(button)
        return button

    # -- for the test

    @property
    def text(self):
        return "\n".join(self.found["text"])

    def button(self, text):
        found = [one for one in self.found["buttons"] if one.text == text]
        assert len(found) == 1, (text, [one.text for one in self.found["buttons"]])
        return found[0]


class Button:
    """The properties a button sets on its operator: only those it has, only of their type."""

    def __init__(self, rna, text):
        self.__dict__.update(rna=rna, text=text, values={})

    def __setattr__(self, name, value):
        assert name in self.rna.properties, f"{self.rna.identifier} has no {name}"
        kind = self.rna.properties[name].type
        assert isinstance(value, {"STRING": str, "ENUM": str, "INT": int}[kind]), (name, value)
        if kind == "ENUM":
            assert value in self.rna.properties[name].enum_items
        self.values[name] = value

    def press(self):
        """Blender runs it as a click would, without a dialog."""
        group, _, name = self.rna.identifier.partition("_OT_")
        return getattr(getattr(bpy.ops, group.lower()), name)(**self.values)


def drawn(panel, context=None):
    """What a panel class draws now, if its poll lets it; else None."""
    context = context or bpy.context
    if not panel.poll(context):
        return None
    layout = Layout()
    body = type("Drawn", (), {"layout": layout})()
    for name in dir(panel):
        if name.startswith("_draw"):
            setattr(body, name, getattr(panel, name).__get__(body))
    panel.draw(body, context)
    return layout
