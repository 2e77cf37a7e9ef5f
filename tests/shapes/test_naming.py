"""Output templates and names."""

from __future__ import annotations

import pytest

from roto_shapes.errors import RotoError
from roto_shapes.naming import (
    DEFAULT_TEMPLATE,
    check_name,
    check_publish_template,
    check_template,
    format_output_name,
    format_publish_name,
)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        (DEFAULT_TEMPLATE, "hero_matte_v003.1001.exr"),
        ("{frame}", "1001"),
        ("{project}-{shot}.{frame:06d}.{ext}", "film-sh010.001001.exr"),
        ("{shot} {version}.{frame:d}", "sh010 3.1001"),
        ("{{x}}.{frame}", "{x}.1001"),
    ],
)
def test_templates(template, name) -> None:
    fields = {
        "project": "film",
        "shot": "sh010",
        "object": "hero",
        "version": 3,
        "frame": 1001,
        "ext": "exr",
    }
    assert format_output_name(template, **fields) == name


def test_negative_frames_and_the_default() -> None:
    assert format_output_name(object="a b", frame=-5) == "a b_matte_v001.-005.exr"


@pytest.mark.parametrize(
    "template",
    [
        "",
        "{object}",
        "{object}.{frame",
        "{}.{frame}",
        "{0}.{frame}",
        "{object.__class__}.{frame}",
        "{object[0]}.{frame}",
        "{user}.{frame}",
        "{object!r}.{frame}",
        "{object:>40}.{frame}",
        "{frame:{version}}",
        "{frame:x}",
        "{frame:,}",
        "{frame:099999d}",
        "{object:d}.{frame}",
        "a/{frame}",
        "a\\{frame}",
        "../{frame}",
        "x..{frame}",
        "a\x00{frame}",
        "a:{frame}",
        "a*{frame}",
    ],
)
def test_bad_templates(template) -> None:
    with pytest.raises(RotoError) as caught:
        format_output_name(template, object="hero")
    assert caught.value.code == "bad_template"


@pytest.mark.parametrize("value", ["a/b", "..", "a\nb", "x\\y", "."])
def test_values_cannot_lead_out_of_the_folder(value) -> None:
    with pytest.raises(RotoError) as caught:
        format_output_name("{object}.{frame}", object=value)
    assert caught.value.code == "bad_template"


def test_the_fields_of_a_template() -> None:
    assert check_template(DEFAULT_TEMPLATE) == {"object", "version", "frame", "ext"}


@pytest.mark.parametrize(
    "name", ["hero", "a", "sh_010-v2.b", "héros 漢字", "हिन्दी", "x" * 100, "9", "_", "-"]
)
def test_good_names(name) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " a",
        "a ",
        ".a",
        "a.",
        "x" * 101,
        "a/b",
        "a\\b",
        "a:b",
        "a\nb",
        "a\x00",
        "a{b}",
        "..",
        "é!",
        "🎬",
        "a\u200bb",
        "\ud800",
        "CON",
        "aux.exr",
    ],
)
def test_bad_names(name) -> None:
    with pytest.raises(RotoError) as caught:
        check_name(name)
    assert caught.value.code == "bad_request"
    assert caught.value.hint


PUBLISH = "{project}/{shot}/v{version:03d}/{object}_v{version:03d}.{frame:04d}.{ext}"


def published(template: str, frame: int | None, object: str = "hero") -> str:
    return format_publish_name(
        template, project="film", shot="sh010", object=object, version=3, frame=frame, ext="exr"
    )


def test_names_of_what_is_published() -> None:
    assert published(PUBLISH, 1001) == "film/sh010/v003/hero_v003.1001.exr"
    assert published(PUBLISH, None) == "film/sh010/v003/hero_v003.exr"
    assert published("{frame}-{object}_{version}.{ext}", None) == "hero_3.exr"
    assert published("{{x}}{object}{frame:d}_{version}.{ext}", None) == "{x}hero_3.exr"


@pytest.mark.parametrize(
    "template",
    [
        "{object}.{frame}.{ext}",
        "{object}_{version}.{frame}",
        "{object}_{version}.{ext}",
        "{frame}/{object}_{version}.{ext}",
        "/{object}_{version}.{frame}.{ext}",
        "a//{object}_{version}.{frame}.{ext}",
        "../{object}_{version}.{frame}.{ext}",
        "a/../{object}_{version}.{frame}.{ext}",
        "{shot}/{object}_{version}.{frame}.{ext}/",
        "c:\\{object}_{version}.{frame}.{ext}",
        ".{object}_{version}.{frame}.{ext}",
        "{shot}\n/{object}_{version}.{frame}.{ext}",
        "{user}/{object}_{version}.{frame}.{ext}",
        "{shot}./{object}_{version}.{frame}.{ext}",
        "CON/{object}_{version}.{frame}.{ext}",
        "{object}_{version}{frame}.{ext}",
        "aux.{object}_{version}.{frame}.{ext}",
    ],
)
def test_bad_templates_to_publish_by(template: str) -> None:
    with pytest.raises(RotoError) as caught:
        check_publish_template(template)
    assert caught.value.code == "bad_template"


def test_a_good_template_to_publish_by() -> None:
    check_publish_template(PUBLISH)
    check_publish_template("{object}_v{version:03d}.{frame:04d}.{ext}")
    with pytest.raises(RotoError):
        published(PUBLISH, 1001, object="../../etc")
