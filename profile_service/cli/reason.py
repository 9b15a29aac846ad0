"""The options that say why personal data is read. Nothing is assumed: a default would be a false entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from profile_service.v1 import profile_pb2 as profile


def enum_option(enum: Any, prefix: str, flag: str, help_text: str, shown_default: str = "") -> Any:
    """An option whose choices are the values of a proto enum; the command gets the number.

    `LEGAL_BASIS_PUBLIC_TASK` is written `public-task`.
    """
    choices = {
        label.removeprefix(f"{prefix}_").lower().replace("_", "-"): number
        for label, number in enum.items()
        if number
    }
    return typer.Option(
        flag,
        parser=_reader(choices),
        metavar="|".join(choices),
        help=help_text,
        show_default=shown_default or False,
    )


def _reader(choices: dict[str, int]) -> Callable[[str], int]:
    def read(text: str) -> int:
        if text not in choices:
            raise typer.BadParameter(f"choose one of {', '.join(choices)}")
        return choices[text]

    return read


def read_reason(purpose: str, legal_basis: int, on_behalf_of: str) -> profile.ReadReason:
    """Return why personal data is read; `legal_basis` is the number of its enum."""
    return profile.ReadReason(
        purpose=purpose,
        legal_basis=legal_basis,  # type: ignore[arg-type]  # a number of the enum
        on_behalf_of=on_behalf_of,
    )


PURPOSE = typer.Option("--purpose", metavar="TEXT", help="What the data is for, such as complaint-handling.")
LEGAL_BASIS = enum_option(
    profile.LegalBasis, "LEGAL_BASIS", "--legal-basis", "On what ground (GDPR Art. 6(1), a to f)."
)
ON_BEHALF_OF = typer.Option(
    "--on-behalf-of", metavar="ID", help="Who will see it: an opaque id of an employee or job, never a name."
)

Purpose = Annotated[str, PURPOSE]
LegalBasis = Annotated[int, LEGAL_BASIS]
OnBehalfOf = Annotated[str, ON_BEHALF_OF]
PurposeIfPersonal = Annotated[str | None, PURPOSE]
LegalBasisIfPersonal = Annotated[int | None, LEGAL_BASIS]
OnBehalfOfIfPersonal = Annotated[str | None, ON_BEHALF_OF]
