"""An artist at a client of some release: sends the plate, submits, watches, fetches the results.

Run with that release's packages first in PYTHONPATH: ``released_client.py PLATE PROMPT FOLDER``,
the server and the key in ROTO_SERVER and ROTO_API_KEY. What came of it goes to stdout as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from roto_client import api
from roto_client.contract import PRODUCT_VERSION
from roto_shapes.prompts import FramePrompt


def main(plate: str, prompt: str, folder: str) -> None:
    """The whole way; what fails raises."""
    connection = api.discover()
    client = api.RotoClient(connection.server, connection.token)
    sent: list[str] = []
    submitter = api.Submitter(client, watcher=lambda progress: sent.append(progress.stage))
    hero = api.ObjectPrompts("hero", (FramePrompt.from_json(json.loads(prompt)),))
    request = api.SubmitRequest(
        plate=plate,
        objects=(hero,),
        project="heist",
        engine="flow",
        exports=("nuke", "json"),
        transfer="upload",
    )
    submitted = submitter.submit(request)
    states = [job.state for job in api.watch_job(client, submitted.job.id)]
    job = api.raise_unless_succeeded(client.job(submitted.job.id))
    fetched = client.download_all(job.id, Path(folder))
    told = {
        "version": PRODUCT_VERSION,
        "package": api.__file__,
        "in_place": submitted.in_place,
        "stages": sorted(set(sent)),
        "states": states,
        "job": job.id,
        "frames": [mask["frame"] for mask in client.masks(submitted.shot.id)],
        "files": sorted(path.name for path in fetched),
        "shapes": client.shapes(submitted.shot.id)["frame_range"],
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
