"""The server with two endpoints more: the least that a request can do that asks the database, and
the least that one can do that has something run.

``uvicorn --factory app:bench_app`` reads the same ROTO_* variables as ``roto serve``.
"""

from __future__ import annotations

from fastapi import FastAPI
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from roto_server.app import create_app
from roto_server.bell import Bell
from roto_server.db.session import Database
from roto_server.settings import load_settings

SELECT_1 = "/bench/select-1"
ENQUEUE = "/bench/enqueue"


def bench_app() -> FastAPI:
    """The app and its yardsticks: a transaction that reads the number 1, a plain enqueue of RQ."""
    app = create_app(load_settings())
    database: Database = app.state.database

    @app.get(SELECT_1)
    def select_1() -> int:
        with database.reading() as session:
            return int(session.scalar(select(1)) or 0)

    bell: Bell = app.state.bell
    queue = Queue("bench", connection=bell.redis, serializer=JSONSerializer)

    @app.post(ENQUEUE)
    def enqueue() -> str:
        return str(queue.enqueue_call("bench.nothing", args=("0" * 32,)).id)

    return app
