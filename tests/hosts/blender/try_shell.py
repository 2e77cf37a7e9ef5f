"""Runs inside Blender: the extension as an add-on that is switched on, used, and switched off."""

from __future__ import annotations

import gc
import importlib
import json
import os
import struct
import sys
import time
import zlib
from types import SimpleNamespace

import bpy
from helpers_editor import main, sequence
from helpers_layout import drawn
from helpers_small_server import KEY, SmallServer
from try_plate import editor, override, refused

ROTO = bpy.ops.megaton_roto
PREFERENCES = bpy.context.preferences


def switched_on():
    import addon_utils  # Blender's own, there once bpy is

    assert addon_utils.enable("megaton_roto", default_set=True)
    return importlib.import_module("megaton_roto.registration")


def switched_off():
    import addon_utils

    addon_utils.disable("megaton_roto", default_set=True)


def online(yes):
    PREFERENCES.system.use_online_access = yes


def ours():
    """Everything of ours that Blender knows by now."""
    handlers = {
        f"{name}:{handler.__module__}.{handler.__name__}"
        for name in dir(bpy.app.handlers)
        if isinstance(getattr(bpy.app.handlers, name), list)
        for handler in getattr(bpy.app.handlers, name)
        if handler.__module__.startswith("megaton_roto")
    }
    found = {name for name in dir(bpy.types) if "megaton" in name.lower()}
    found |= {
        f"{owner}.{name}"
        for owner in ("Scene", "WindowManager", "MovieClip", "Image", "Mask")
        for name in dir(getattr(bpy.types, owner))
        if "megaton" in name
    }
    return found | handlers


def until(condition, what, seconds=120.0):
    """Blender's module fires no timers, so the test is the timer."""
    session = sys.modules["megaton_roto.session"]
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}: {session.messages()}"
        session.look_at_preferences()
        session.drain()
        time.sleep(0.01)


def settled(count):
    """What is counted, once it has not changed for 0.3 s."""
    counted, since = count(), time.monotonic()
    while time.monotonic() < since + 0.3:
        time.sleep(0.01)
        if count() != counted:
            counted, since = count(), time.monotonic()
    return counted


def connected(folder):
    """A server, and the add-on signed in to it."""
    os.environ.update(XDG_CONFIG_HOME=str(folder / "config"), XDG_DATA_HOME=str(folder / "data"))
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    switched_on()
    online(True)
    server = SmallServer()
    assert ROTO.sign_in(server=server.url, key=KEY) == {"FINISHED"}
    session = importlib.import_module("megaton_roto.session")
    until(lambda: session.state().server.status == "ready", "the server")
    # The answer to the button comes after the state.
    until(lambda: "Signed in" in str(session.messages()), "signed in")
    session.clear_messages()
    return server, session


def opened(folder, scene_first=1):
    sequence(folder / "a", range(1001, 1013))
    clip = bpy.data.movieclips.load(str(folder / "a" / "plate.1001.png"))
    clip.frame_start = scene_first
    area, space = editor("CLIP_EDITOR")
    space.clip = clip
    space.mode = "MASK"
    return clip, area, space


def noted(clip, job_id, version=1):
    """A job as it is kept beside its plate when it was sent."""
    jobs = importlib.import_module("megaton_roto.file_jobs")
    targets = importlib.import_module("megaton_roto.targets")
    target = targets.Target.of(clip, bpy.context.scene)
    assert jobs.note(target, jobs.JobNote(job_id, "shot1", version, ("hero",)))
    return jobs


# -- cases


def comes_and_goes(folder):
    """Registered quickly, without any of the libraries; then gone without a trace, again and again,
    also after the desk was used."""
    before = ours()
    assert before == set()
    importlib.import_module("megaton_roto")
    already = set(sys.modules)
    # Of this thread's own time: other tests may keep the machine busy.
    began = time.thread_time()
    registration = switched_on()
    assert time.thread_time() - began < 0.5
    assert registration.problem == ""
    loaded = {name.partition(".")[0] for name in set(sys.modules) - already}
    assert not loaded & {"roto_client", "roto_shapes", "requests", "urllib3"}
    whole = ours()
    assert {"Scene.megaton_roto", "CLIP_PT_megaton_roto", "MEGATON_ROTO_OT_submit"} <= whole
    assert any(name.startswith("load_post:") for name in whole)
    for use in (False, True):
        if use:
            _, session = connected(folder)
            assert bpy.app.timers.is_registered(session._tick)
        switched_off()
        assert ours() == set()
        assert "megaton_roto" not in PREFERENCES.addons
        switched_on()
        assert ours() == whole
    switched_off()
    assert not bpy.app.timers.is_registered(session._tick)
    assert session.state() is None
    assert session.on_made == []


def broken(folder):
    """A part that cannot be registered: Blender starts, and the preferences say what is wrong."""
    sys.modules["megaton_roto.overlay"] = None
    registration = switched_on()
    assert "overlay" in registration.problem
    kept = {name for name in ours() if "PT" in name or "OT" in name or ":" in name or "." in name}
    assert kept == set(), kept
    preferences = importlib.import_module("megaton_roto.preferences")
    assert "overlay" in shown_preferences(preferences)
    switched_off()
    assert ours() == set()


def shown_preferences(preferences):
    from helpers_layout import Layout

    layout = Layout()
    cls = preferences.MegatonRotoPreferences
    real = PREFERENCES.addons["megaton_roto"].preferences
    body = type("Drawn", (), {"layout": layout, "bl_rna": real.bl_rna})()
    cls.draw(body, bpy.context)
    return layout.text


def offline(folder):
    """Without "Allow Online Access" no button does anything and nothing is asked, nor if it is
    taken away while jobs are followed; given back, it goes on by itself."""
    switched_on()
    online(False)
    for name in (
        "connect",
        "sign_in_by_code",
        "sign_in",
        "submit",
        "preview",
        "apply",
        "cancel",
        "list_jobs",
    ):
        assert not getattr(ROTO, name).poll(), name
    session = importlib.import_module("megaton_roto.session")
    assert session.state() is None
    panels = importlib.import_module("megaton_roto.panels")
    clip, area, space = opened(folder)
    with override(area, space):
        text = drawn(panels.CLASSES[0]).text
        assert "not allowed to use the network" in text.replace("\n", " ")
        assert "Allow Online Access" in text.replace("\n", " ")
    server, session = connected(folder)
    job = server.add_job("a" * 32, "running")
    noted(clip, job)
    session.desk().follow([job])
    until(lambda: session.state().job(job), "the job")
    online(False)
    until(lambda: any("offline" in one.text for one in session.messages()), "the message")
    # A question may have been on its way.
    asked = settled(lambda: len(server.asked))
    server.jobs[job]["state"] = "succeeded"
    session._desk.list_jobs(lambda rows: None, session.tell)
    until(lambda: "network" in session.messages()[-1].text, "the refusal")
    time.sleep(1.5)
    assert len(server.asked) == asked
    online(True)
    until(lambda: session.state().job(job).state == "succeeded", "the job's end")
    assert session.state().server.status == "ready"
    assert server.complaints == []


def wrong_key(folder):
    """A key the server does not take is said, with what to do, and is kept nowhere."""
    server, session = connected(folder)
    kept = PREFERENCES.addons["megaton_roto"].preferences
    kept.server = "http://127.0.0.1:9"
    until(lambda: session.state().server.status == "refused", "no key for that one")
    assert ROTO.sign_in(server=server.url, key=KEY) == {"FINISHED"}
    until(lambda: "Signed in" in str(session.messages()), "signed in")
    assert kept.server == server.url
    until(lambda: session.state().server.status == "ready", "the server")
    assert ROTO.sign_out() == {"FINISHED"}
    until(lambda: session.state().server.status == "refused", "signed out")
    secret = "roto_not-this-one"
    assert ROTO.sign_in(server=server.url, key=secret) == {"FINISHED"}
    until(lambda: session.messages() and session.messages()[-1].level == "ERROR", "the refusal")
    told = session.messages()[-1]
    assert told.hint
    assert secret not in told.text + told.hint
    last = bpy.context.window_manager.operator_properties_last("megaton_roto.sign_in")
    assert last is None or last.key != secret
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "a.blend"), compress=False)
    assert secret.encode() not in (folder / "a.blend").read_bytes()
    for path in (folder / "config").rglob("*"):
        assert not path.is_file() or secret not in path.read_text(encoding="utf-8")


def signs_in(folder):
    """With the browser: the code is in the sidebar until it is approved, refused or stopped; in the
    file is nothing of it."""
    os.environ.update(XDG_CONFIG_HOME=str(folder / "config"), XDG_DATA_HOME=str(folder / "data"))
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    os.environ.pop("ROTO_API_KEY", None)
    switched_on()
    online(True)
    device = importlib.import_module("roto_client.api.device")
    device._SHORTEST = 0.05
    opened_pages = []
    importlib.import_module("webbrowser").open = lambda url, *_: opened_pages.append(url) or True
    server = SmallServer()
    session = importlib.import_module("megaton_roto.session")
    panels = importlib.import_module("megaton_roto.panels")
    _, area, space = opened(folder)

    def sidebar():
        with override(area, space):
            return drawn(panels.CLASSES[0])

    def begin():
        assert ROTO.sign_in_by_code(server=server.url) == {"FINISHED"}
        until(lambda: session.state().sign_in, "the code")

    begin()
    until(lambda: opened_pages, "the browser")
    page = f"{server.url}/device?code=BCDF-GHJK"
    assert opened_pages == [page]
    shown = sidebar()
    assert "BCDF-GHJK" in shown.text
    assert f"{server.url}/device" in shown.text.replace("\n", " ")
    assert "left." in shown.text
    assert "device-secret" not in shown.text
    redrawn = []
    plain, session.redraw = session.redraw, lambda: redrawn.append(1)
    session._counted = 0.0
    session.count_down()
    session.count_down()
    assert len(redrawn) == 1, "once a second"
    session.redraw = plain
    assert shown.button("Open Browser").press() == {"FINISHED"}
    assert opened_pages == [page, page]
    (copy,) = [one for one in shown.found["buttons"] if one.rna.name == "Copy Code"]
    assert copy.press() == {"FINISHED"}
    assert shown.button("Stop").press() == {"FINISHED"}
    assert session.state().sign_in is None
    assert "BCDF-GHJK" not in sidebar().text
    session.count_down()

    begin()
    server.refused = True
    until(lambda: session.messages() and session.messages()[-1].level == "ERROR", "the refusal")
    assert session.messages()[-1].text == "It was refused."
    assert session.state().sign_in is None
    server.refused = False
    session.clear_messages()

    begin()
    server.approved = True
    until(lambda: "Signed in" in str(session.messages()), "signed in")
    assert session.state().server.status == "ready"
    kept = [path.read_text() for path in (folder / "config").rglob("*.json")]
    assert any(KEY in one for one in kept)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "a.blend"), compress=False)
    written = (folder / "a.blend").read_bytes()
    assert KEY.encode() not in written
    assert b"device-secret" not in written

    # Or it is over before anybody sees the code.
    server.approved = False
    begin()
    online(False)
    until(lambda: session.state().sign_in is None, "nothing is asked while offline")
    assert not ROTO.sign_in_by_code.poll()
    assert server.complaints == []


def panels_draw(folder):
    """Every panel, in both editors and in every state, draws only what Blender has."""
    server, session = connected(folder)
    panels = importlib.import_module("megaton_roto.panels")
    prompts = importlib.import_module("megaton_roto.prompts")
    clip_panels = [one for one in panels.CLASSES if one.bl_space_type == "CLIP_EDITOR"]
    image_panels = [one for one in panels.CLASSES if one.bl_space_type == "IMAGE_EDITOR"]
    clip, area, space = opened(folder, scene_first=101)
    view = bpy.context.window_manager.megaton_roto

    def all_text():
        with override(area, space):
            return "\n".join(drawn(one).text for one in clip_panels)

    def buttons(panel):
        with override(area, space):
            return drawn(clip_panels[panel])

    assert server.url in all_text()
    preferences = importlib.import_module("megaton_roto.preferences")
    assert {"Server", "Results", server.url} <= set(shown_preferences(preferences).split("\n"))
    with override(area, space):
        assert buttons(1).button("Add Object").press() == {"FINISHED"}
        assert ROTO.edit_object(object="object1", to="hero") == {"FINISHED"}
        assert ROTO.edit_object(
            object="hero", color=(0, 1, 0), limited=True, first=102, last=104
        ) == {"FINISHED"}
        hero = prompts.find(clip, "hero")
        assert (hero.color, hero.frame_range) == ((0, 1, 0), (1002, 1004))
        assert ROTO.edit_object(object="hero", limited=True, first=9, last=8) == {"CANCELLED"}
        assert "comes after" in session.messages()[-1].text
        assert ROTO.edit_object(object="hero", limited=False) == {"FINISHED"}
        assert prompts.find(clip, "hero").frame_range is None
        bpy.context.scene.frame_set(104)
        assert ROTO.capture(x=10.0, y=9.0) == {"FINISHED"}
        assert ROTO.edit_object(object="hero", to="a/b") == {"CANCELLED"}
        assert session.messages()[-1].hint
    text = all_text()
    assert "hero" in str([one.text for one in buttons(1).found["buttons"]])
    assert "104: " in text

    states = {
        "q": ("queued", {}),
        "r": ("running", {}),
        "f": ("failed", {"error": {"message": "The disk is full.", "hint": "Make room."}}),
        "c": ("cancelled", {}),
        "s": ("succeeded", {}),
    }
    for name, (state, facts) in states.items():
        noted(clip, server.add_job(name * 32, state, **facts))
    server.masks = [
        {"object_id": "o1", "job_id": "s" * 32, "frame": frame, "confidence": sure}
        for frame, sure in ((1001, 0.9), (1005, 0.3), (1006, 0.2), (1012, 0.4))
    ]
    session.desk().follow([name * 32 for name in states])
    until(lambda: len(session.state().jobs) == len(states), "the jobs")
    until(lambda: session.state().job("s" * 32).attention, "what needs the artist")
    for name in states:
        assert ROTO.choose_job(job=name * 32) == {"FINISHED"}
        assert view.job == name * 32
        text = all_text()
        if name == "f":
            assert "The disk is full." in text
            assert "Make room." in text
    jobs = buttons(3)
    with override(area, space):
        # Clip frame 1006 lies on frame 106 of the timeline; the worst one comes first.
        assert jobs.button("hero: 105-106  (20% sure)").press() == {"FINISHED"}
        assert bpy.context.scene.frame_current == 106
        assert jobs.button("hero: 112  (40% sure)").press() == {"FINISHED"}
        assert bpy.context.scene.frame_current == 112
    view.job = ""
    assert "Frames that need you" not in all_text()
    with override(area, space):
        space.mode = "TRACKING"
        assert all(drawn(one) is None for one in clip_panels)
        space.mode = "MASK"
        clip["megaton_roto"] = "{broken"
        assert "cannot be read" in all_text().replace("\n", " ")
        space.clip = None
        assert "Open a clip first" in all_text()
    image = bpy.data.images.load(str(folder / "a" / "plate.1001.png"))
    image.source = "SEQUENCE"
    area, space = editor("IMAGE_EDITOR")
    space.mode = "VIEW"
    with override(area, space):
        told = [drawn(one).text.replace("\n", " ") for one in image_panels]
        assert any("Open an image sequence first" in text for text in told)
        space.image = image
        assert all(drawn(one) is not None for one in image_panels)
        assert ROTO.add_object() == {"FINISHED"}
    assert server.complaints == []


def jobs_of_the_file(folder):
    """Kept with the file beside their plate; followed when it is opened; an undo loses none."""
    server, session = connected(folder)
    clip, area, space = opened(folder)
    running = server.add_job("1" * 32, "running")
    jobs = noted(clip, running)
    noted(clip, server.add_job("2" * 32, "succeeded"), 2)
    assert [one.id[0] for one in jobs.of(clip)] == ["2", "1"]
    bpy.ops.ed.undo_push(message="before")
    noted(clip, server.add_job("3" * 32, "queued"), 3)
    clip.name = "renamed"
    assert jobs.block_of("3" * 32) == clip
    # What Blender does after an undo step, the note of the last job taken back with it.
    clip[jobs.PROPERTY] = json.dumps(json.loads(clip[jobs.PROPERTY])[1:])
    for handler in list(bpy.app.handlers.undo_post):
        handler(bpy.context.scene)
    assert [one.id[0] for one in jobs.of(clip)] == ["3", "2", "1"]
    path = str(folder / "shot.blend")
    clip.use_fake_user = True
    bpy.ops.wm.save_as_mainfile(filepath=path)
    session.close()
    server.asked.clear()
    bpy.ops.wm.read_homefile(use_empty=True)
    assert jobs.ids() == []
    assert server.asked == []
    assert session.state() is None
    online(False)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert session.state() is None
    online(True)
    bpy.ops.wm.open_mainfile(filepath=path)
    until(lambda: session.state() and len(session.state().jobs) == 3, "the file's jobs")
    clip = bpy.data.movieclips["renamed"]
    panels = importlib.import_module("megaton_roto.panels")
    area, space = editor("CLIP_EDITOR")
    space.clip = clip
    with override(area, space):
        assert {row.id[0] for row in panels.listed(bpy.context)} == {"1", "2", "3"}
        assert ROTO.forget(job="2" * 32) == {"FINISHED"}
    assert [one.id[0] for one in jobs.of(clip)] == ["3", "1"]
    clip[jobs.PROPERTY] = '[{"id": 1}]'
    assert jobs.of(clip) == []
    clip[jobs.PROPERTY] = 7
    assert jobs.of(clip) == []
    gc.collect()


def jobs_are_told(folder):
    """Stopping, trying again and the log, by their buttons."""
    server, session = connected(folder)
    job = server.add_job("5" * 32, "running")
    session.desk().follow([job])
    until(lambda: session.state().job(job), "the job")
    assert ROTO.cancel(job=job) == {"FINISHED"}
    until(lambda: session.state().job(job).state == "cancelled", "its end")
    assert ROTO.retry(job=job) == {"FINISHED"}
    until(lambda: session.state().job(job).state == "queued", "its beginning")
    assert ROTO.log(job=job) == {"FINISHED"}
    until(lambda: bpy.data.texts, "the log")
    assert f"a line about {job}" in bpy.data.texts[0].as_string()
    assert ROTO.list_jobs() == {"FINISHED"}
    assert bpy.context.window_manager.megaton_roto.all_jobs
    assert ROTO.log() == {"CANCELLED"}
    assert session.messages()[-1].text == "No job is chosen."
    assert ROTO.jump(frame=1001, job="9" * 32) == {"CANCELLED"}
    assert "not in this file" in session.messages()[-1].text
    assert server.complaints == []


def newest_mask(folder):
    """The matte tracked last, 16-bit grey, over the plate on its frame."""
    server, session = connected(folder)
    clip, area, space = opened(folder, scene_first=101)
    job = server.add_job("6" * 32, "running")
    noted(clip, job)
    session.desk().follow([job])
    until(lambda: session.state().job(job), "the job")
    with override(area, space):
        assert ROTO.newest_mask(job=job) == {"FINISHED"}
        until(lambda: session.messages() and session.messages()[-1].level == "ERROR", "none yet")
        server.complaints.clear()
        rows = [bytes([row < 16 and 128, 0]) * 64 for row in range(32)]
        server.newest = png16(rows)
        assert ROTO.newest_mask(job=job) == {"FINISHED"}
        until(lambda: "tracked" in session.messages()[-1].text, "the mask")
    previewing = importlib.import_module("megaton_roto.previewing")
    look = previewing.look_at(clip)
    assert (look.frame, look.masks[0].name) == (1004, "hero")
    assert bpy.context.scene.frame_current == 104
    grey = look.masks[0].grey
    assert grey.shape == (32, 64)
    assert abs(grey[31, 0] - 0.5) < 0.01
    assert grey[0, 0] == 0
    panels = importlib.import_module("megaton_roto.panels")
    with override(area, space):
        drawn(panels.CLASSES[2]).button("Hide Preview").press()
    assert previewing.look_at(clip) is None
    assert server.complaints == []


def png16(rows):
    """A 16-bit grey PNG of rows from the top."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", len(rows[0]) // 2, len(rows), 16, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def calls_come_in_order(folder):
    """The timer's queue: in order, in pieces, and a call that breaks stops none that follow."""
    switched_on()
    session = importlib.import_module("megaton_roto.session")
    done, now = [], [0.0]
    # A clock of the test's own: the case is a process, so nobody else reads it.
    session.time = SimpleNamespace(monotonic=lambda: now[0])
    session.post(lambda: done.append(1))
    session.post(lambda: 1 / 0)
    session.post(lambda: (done.append(2), now.append(now.pop() + 0.05)))
    session.post(lambda: done.append(3))
    assert session._tick() == session.TICK_SECONDS
    assert done == [1, 2]
    assert "ZeroDivisionError" in session.messages()[-1].text
    session._tick()
    assert done == [1, 2, 3]


def asks_what_is_chosen(folder):
    """What the panels and the plate say is what a job asks for, in plate frames; what cannot be is
    said before any server is asked."""
    switched_on()
    flows = importlib.import_module("megaton_roto.flows")
    plate = importlib.import_module("megaton_roto.plate")
    settings = importlib.import_module("megaton_roto.settings")

    _, area, space = opened(folder, scene_first=101)
    kept = bpy.context.scene.megaton_roto
    kept.project, kept.priority, kept.tolerance = "heist", "high", 0.5
    kept.outputs = {"shapes"}

    def request(frame=None):
        with override(area, space):
            found = plate.describe(bpy.context)
            return flows.request_of(
                bpy.context, found, settings.job_settings(bpy.context.scene), frame
            )

    refused(request, "Nothing is said about any object")
    with override(area, space):
        for frame, x in ((103, 4.0), (110, 5.0)):
            bpy.context.scene.frame_set(frame)
            assert ROTO.capture(x=x, y=9.0, object="") == {"FINISHED"}
    made = request()
    assert made.frame_range == (1001, 1012)
    assert [one.frame for one in made.objects[0].prompts] == [1003, 1010]
    assert (made.project, made.priority, made.tolerance) == ("heist", "high", 0.5)
    assert (made.outputs, made.shot, made.layer_transform) == (("shapes",), None, "off")
    assert (made.width, made.height, made.fps) == (64, 32, (24, 1))
    kept.use_range, kept.first, kept.last = True, 102, 105
    made = request()
    assert made.frame_range == (1002, 1005)
    assert [one.frame for one in made.objects[0].prompts] == [1003]
    assert [one.frame for one in request(1003).objects[0].prompts] == [1003]
    refused(lambda: request(1004), "Nothing is said", "on frame 104")
    kept.last = 300
    refused(request, "101 to 112", "102 to 300")
    kept.first = 400
    refused(request, "400 to 300")
    kept.outputs = set()
    refused(request, "Nothing is asked for")
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 103, 107
    assert ROTO.use_scene_range() == {"FINISHED"}
    assert (kept.first, kept.last, kept.use_range) == (103, 107, True)


def what_was_chosen_last(folder):
    """Fills in a new scene, and nothing the artist has chosen there; nonsense is nothing."""
    switched_on()
    settings = importlib.import_module("megaton_roto.settings")
    fresh = bpy.data.scenes.new("fresh")
    settings.recall(
        fresh, {"project": "heist", "engine": "flow", "priority": 7, "outputs": ["mattes", "gone"]}
    )
    kept = fresh.megaton_roto
    assert (kept.project, kept.engine, kept.priority) == ("heist", "flow", "normal")
    assert set(kept.outputs) == {"mattes"}
    settings.recall(fresh, {"project": "other", "engine": "sam2", "outputs": ["shapes"]})
    assert (kept.project, kept.engine, set(kept.outputs)) == ("heist", "flow", {"mattes"})
    switched_off()
    stored = folder / "config" / "megaton-roto" / "blender.json"
    stored.parent.mkdir(parents=True)
    chosen = {"heist": {"engine": "sam2", "priority": "low"}}
    stored.write_text(json.dumps({"last_project": "heist", "any": {}, "projects": chosen}))
    connected(folder)
    here = bpy.context.scene.megaton_roto
    until(lambda: here.project == "heist", "what was chosen last")
    assert (here.engine, here.priority) == ("sam2", "low")


if __name__ == "__main__":
    main({name: call for name, call in globals().items() if callable(call)})
