"""From files and variables to checked settings, with one sentence for each thing that is wrong.

``FRANKLY_SECTION__KEY`` overrides ``section.key`` of frankly.toml; the value is read as TOML where it is TOML,
and as plain text otherwise. A list is set whole. An unknown ``FRANKLY_`` variable is an error, like an unknown key.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from config.credentials import SECRET_VARIABLES
from config.errors import ConfigurationError
from config.fail_points import FAIL_POINT_VARIABLE
from config.prices import Prices
from config.rules import Routes
from config.settings import Settings

CONFIG_VARIABLE = "FRANKLY_CONFIG"
FILE_NAME = "frankly.toml"
ROUTES_NAME = "routes.toml"
PRICES_NAME = "prices.toml"
Model = TypeVar("Model", bound=BaseModel)
_OTHER_VARIABLES = (
    CONFIG_VARIABLE,
    FAIL_POINT_VARIABLE,
    *SECRET_VARIABLES,
    *(f"{name}_FILE" for name in SECRET_VARIABLES),
)
# No setting asks for more than one entry or letter.
_PLAINLY = {"too_short": "at least one entry", "string_too_short": "some text", "string_type": "text in quotes"}


def find_config(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the configuration file: the one given, else ``FRANKLY_CONFIG``, else the one in this folder."""
    path = given or Path(environ.get(CONFIG_VARIABLE) or FILE_NAME)
    if path.is_dir():
        path = path / FILE_NAME
    if not path.is_file():
        raise ConfigurationError(
            f"there is no configuration at {path}; make one with `frankly init DIR`, or name yours with "
            f"`frankly --config FOLDER …` or {CONFIG_VARIABLE}"
        )
    return path


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read frankly.toml, routes and prices beside it, the environment. ``ConfigurationError`` lists what is wrong."""
    tables = _read_toml(path)
    _put_prices_in(tables, path)
    origins = _override(tables, environ)
    routes_path = path.parent / ROUTES_NAME
    settings = _checked(Settings, tables, path, origins)
    if not routes_path.is_file():  # nobody may believe that danger is escalated while no rule says so
        raise ConfigurationError(
            f"there is no {ROUTES_NAME} beside {path}, so no rule says what is escalated; "
            f"put yours there, or one that `frankly init DIR` writes"
        )
    routes = _checked(Routes, _read_toml(routes_path), routes_path, {})
    _check_names(settings, routes, routes_path)
    return settings.model_copy(update={"file": path, "routes": routes})


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error


def _put_prices_in(tables: dict[str, Any], path: Path) -> None:
    """Put the prices of their own file where the settings have them."""
    prices_path = path.parent / PRICES_NAME
    if not prices_path.is_file():
        return
    prices = _read_toml(prices_path)
    _checked(Prices, prices, prices_path, {})
    x = tables
    for key in ("platforms", "x"):
        x = x.setdefault(key, {})
        if not isinstance(x, dict):
            return  # the check of the whole says what is wrong with it
    if "prices" in x:
        raise ConfigurationError(
            f"{path} has platforms.x.prices, and so has {prices_path}; keep them in one of the two"
        )
    x["prices"] = prices


def _override(tables: dict[str, Any], environ: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Put the environment's values over the file's; returns which variable set which key."""
    origins: dict[tuple[str, ...], str] = {}
    for name in sorted(environ):
        if not name.startswith("FRANKLY_") or name in _OTHER_VARIABLES:
            continue
        keys = [part.lower() for part in name.removeprefix("FRANKLY_").split("__")]
        if keys[0] not in Settings.model_fields:
            raise ConfigurationError(f"the environment sets {name}, which frankly does not know{_hint(name)}")
        table = tables
        for depth, key in enumerate(keys[:-1], start=1):
            table = table.setdefault(key, {})
            if not isinstance(table, dict):
                whole = f"FRANKLY_{'__'.join(keys[:depth]).upper()}"
                raise ConfigurationError(
                    f"the environment sets {name}, but {key} is a list or a value in frankly.toml; "
                    f"expected it whole, as TOML, in {whole}"
                )
        keys[-1] = _as_written(table, keys[-1])
        table[keys[-1]] = _value(environ[name])
        origins[tuple(keys)] = name
    return origins


def _as_written(table: Mapping[str, Any], key: str) -> str:
    """Return the key of the file that is meant: a model's own labels may stand there in capitals."""
    return next((written for written in table if written.lower() == key), key)


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _hint(name: str) -> str:
    known = [*_OTHER_VARIABLES, *(f"FRANKLY_{field.upper()}" for field in Settings.model_fields)]
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else "; a setting is written FRANKLY_SECTION__KEY"


def _checked(model: type[Model], tables: dict[str, Any], path: Path, origins: Mapping[tuple[str, ...], str]) -> Model:
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        problems = [_sentence(model, problem, path, origins) for problem in error.errors()]
        raise ConfigurationError("\n".join(problems)) from error


def _sentence(model: type[BaseModel], problem: Any, path: Path, origins: Mapping[tuple[str, ...], str]) -> str:
    """Say where (file and key, or variable), what was found, and what would be right."""
    location = tuple(problem["loc"])
    where = _where(location, path, origins)
    if problem["type"] == "extra_forbidden":
        return f"{where}: this key is not known{_nearest(model, location)}"
    if problem["type"] == "missing":
        return f"{where}: this key is missing"
    right = _right(problem)
    found = problem["input"]
    if isinstance(found, dict | list | BaseModel):
        return f"{where}: {right}"
    return f"{where}: found {found!r}; {right}"


def _right(problem: Any) -> str:
    """Say what would be right: in our own words where the validator speaks of its types."""
    if problem["type"] == "value_error":
        return str(problem["msg"]).removeprefix("Value error, ")
    return f"expected {_PLAINLY.get(problem['type']) or problem['msg'].removeprefix('Input should be ')}"


def _where(location: Sequence[int | str], path: Path, origins: Mapping[tuple[str, ...], str]) -> str:
    """Name the file and key of a problem, or the variable that set it or a table around it."""
    words = tuple(str(part) for part in location)
    if words in origins:
        return f"the environment, {origins[words]}"
    origin = next((origins[words[:end]] for end in range(len(words), 0, -1) if words[:end] in origins), None)
    place = f"the environment, {origin}" if origin else f"{path}"
    return f"{place}, {_key(location)}" if location else place


def _key(location: Sequence[int | str]) -> str:
    """Write a place the way a person counts: ``brands[1].time_zone`` is the first brand's."""
    words = ""
    for part in location:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else part
    return words


def _nearest(model: type[BaseModel], location: Sequence[int | str]) -> str:
    names = list(_names_at(model, location[:-1]))
    near = difflib.get_close_matches(str(location[-1]), names, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known here: {', '.join(names)}" if names else ""


def _names_at(model: type[BaseModel], location: Sequence[int | str]) -> Iterator[str]:
    """Yield the keys that are known at a place of the settings tree."""
    here: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        annotation = here.model_fields[part].annotation
        inner = [annotation, *getattr(annotation, "__args__", ())]
        here = next((kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if here is None:
            return
    yield from here.model_fields


def _check_names(settings: Settings, routes: Routes, path: Path) -> None:
    """Rules may only name brands, sources and topics that exist."""
    known = {
        "brand": [brand.name for brand in settings.brands],
        "source": [*(source.name for source in settings.sources), "replay"],
        "topic": [*(topic.name for topic in settings.topics), "other"],
    }
    for number, rule in enumerate(routes.rules, start=1):
        for field, names in known.items():
            for name in getattr(rule.when, field):
                if name not in names:
                    raise ConfigurationError(
                        f'{path}, rules[{number}] "{rule.name}": when.{field} names "{name}"; known: {", ".join(names)}'
                    )
