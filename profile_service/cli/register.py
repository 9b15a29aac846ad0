"""`aprofile register`: the registers that the City keeps, from the field registry; no service is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profile_service.cli.errors import CommandError, ExitCode

app = typer.Typer(no_args_is_help=True, help="The registers of what is processed, from the field registry.")


@app.callback()
def register() -> None:
    """The registers of what is processed, from the field registry."""


@app.command()
def export(
    *,
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="Where the files are written; made if need be.")
    ],
    controller: Annotated[
        str, typer.Option("--controller", help="Who is responsible: name and address of the City.")
    ] = "",
    contact: Annotated[
        str, typer.Option("--contact", help="How the data protection officer is reached, naming nobody.")
    ] = "",
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            help="The policy file of the service, which names other sources of data.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files of an earlier export.")
    ] = False,
) -> None:
    """Write the register of processing activities (GDPR Art. 30) and the notice table (Art. 13).

    Each as JSON, CSV and HTML, in Dutch and English. Made from the declarations of the fields alone: no
    database and no service is needed, and nobody is named.
    """
    from profile_service.api.policy import PolicyError, load_policy
    from profile_service.documents.registers import Responsible, register_files

    try:
        sources = load_policy(policy).sources
    except PolicyError as error:
        raise CommandError(str(error), ExitCode.USAGE) from None
    written = dict(register_files(Responsible(controller, contact, sources)))
    try:
        output.mkdir(parents=True, exist_ok=True)
        present = [name for name in written if (output / name).exists()]
        if present and not overwrite:
            raise CommandError(f"{output / present[0]} exists; see --overwrite", ExitCode.USAGE)
        for name, content in written.items():
            # Line ends are those of the form: CSV has its own.
            (output / name).write_text(content, encoding="utf-8", newline="")
            typer.echo(output / name)
    except OSError as error:
        raise CommandError(f"{error.filename or output} can't be written: {error.strerror}") from None
