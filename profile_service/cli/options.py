"""Options of the command line that come from `Settings`, so that each is described once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic.fields import FieldInfo

from profile_service.settings import PREFIX, Settings, load_settings

OnOff = Literal["on", "off"]

Timeout = Annotated[
    float, typer.Option("--timeout", min=0.01, metavar="SECONDS", help="How long to wait for an answer.")
]

CONFIG = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help=f"TOML file with settings. \\[env: {PREFIX}CONFIG]"),
]


def with_settings(*groups: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command `--config` and one option for each setting of `groups`.

    The command takes a `Settings` as its first argument; the options take its place.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        names = [name for name, field in Settings.model_fields.items() if _group(field) in groups]
        _, *own = inspect.signature(command, eval_str=True).parameters.values()

        def run(**values: Any) -> None:
            flags = {name: values.pop(name) for name in ("config", *names)}
            command(load_settings(**flags), **values)

        options = [_option(name, Settings.model_fields[name]) for name in names]
        config = inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=CONFIG)
        keyword_only = [own_one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for own_one in own]
        parameters = [*keyword_only, *options, config]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by typer
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _group(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra["group"]) if isinstance(extra, dict) else ""


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    variable = f"{PREFIX}{name}".upper()
    help_text = f"{field.description}{_default(field)} [env: {variable}]"
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        help=help_text.replace("[env", "\\[env").replace("[default", "\\[default"),
        rich_help_panel=_group(field),
        metavar=_metavar(field),
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[_type(field), option]
    )


def _type(field: FieldInfo) -> Any:
    """Flags are read as text, and checked with every other source by `Settings`."""
    return OnOff | None if field.annotation is bool else str | None


def _metavar(field: FieldInfo) -> str:
    choices = getattr(field.annotation, "__args__", ())
    if field.annotation is bool:
        return "on|off"
    if all(isinstance(choice, str) for choice in choices) and choices:
        return "|".join(choices)
    return "PATH" if Path in (field.annotation, *choices) else "TEXT"


def _default(field: FieldInfo) -> str:
    value = field.default
    if field.default_factory is not None or value is None:
        return ""
    return f" [default: {('off', 'on')[value] if isinstance(value, bool) else value}]"
