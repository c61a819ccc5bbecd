"""The type of the fixture `open_window`."""

from collections.abc import Callable

from playwright.sync_api import Page

OpenWindow = Callable[..., Page]
