"""SQL that SQLite and PostgreSQL say differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class seconds_between(GenericFunction[float]):  # noqa: N801
    """``seconds_between(start, end)``: seconds from one moment to the other; SQLite tells
    milliseconds."""

    type = Float()
    inherit_cache = True


class utc_day(GenericFunction[str]):  # noqa: N801
    """``utc_day(moment)``: the day it is in, UTC, as ``2026-11-30``."""

    type = String()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _seconds_on_sqlite(element: Any, compiler: SQLCompiler, **more: Any) -> str:
    start, end = (compiler.process(one, **more) for one in element.clauses)
    return f"round((julianday({end}) - julianday({start})) * 86400.0, 3)"


@compiles(seconds_between, "postgresql")
def _seconds_on_postgresql(element: Any, compiler: SQLCompiler, **more: Any) -> str:
    start, end = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({end} - {start})) AS DOUBLE PRECISION)"


@compiles(utc_day, "sqlite")
def _day_on_sqlite(element: Any, compiler: SQLCompiler, **more: Any) -> str:
    return f"date({compiler.process(element.clauses, **more)})"


@compiles(utc_day, "postgresql")
def _day_on_postgresql(element: Any, compiler: SQLCompiler, **more: Any) -> str:
    moment = compiler.process(element.clauses, **more)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
