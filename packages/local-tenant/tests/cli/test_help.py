"""What the command line prints fits 80 columns."""

from click.testing import CliRunner
from local_tenant.cli import commands
from local_tenant.page.addresses import page_url


def test_every_command_says_in_one_line_what_it_does() -> None:
    result = CliRunner().invoke(commands, ["--help"], terminal_width=80)
    assert result.exit_code == 0
    assert "..." not in result.output.partition("Commands:")[2]


def test_the_line_with_the_address_of_the_page_fits_80_columns() -> None:
    assert len(f"Page: {page_url('https://localhost:65535', 'secret')}") <= 80
