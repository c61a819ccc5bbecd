"""Throw-away accounts, deleted however the run ends."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import requests
from auth0.authentication import Database, GetToken
from auth0.authentication.exceptions import Auth0Error, RateLimitError
from auth0.management.core.request_options import RequestOptions
from auth0.management.errors import NotFoundError

from operations.errors import OperationsError
from operations.tenant import Connection
from operations.tenant.failures import explained_errors

READ = "read:users"
UPDATE = "update:users"
DELETE = "delete:users"

_OPTIONS: RequestOptions = {"max_retries": 6}
_SECONDS_FOR_AN_ANSWER = 30.0
_MOST_RATE_LIMITS = 6
_SCOPES = "openid profile email offline_access"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Application:
    """The application that people log in to; it needs the Password grant.

    Attributes:
        client_id: of it.
        client_secret: likewise.
        connection: name of the database connection.
    """

    client_id: str
    client_secret: str = field(repr=False)
    connection: str = "Username-Password-Authentication"


@dataclass(frozen=True, slots=True)
class Person:
    """A throw-away account.

    Attributes:
        email: with a random name.
        password: random.
    """

    email: str
    password: str = field(repr=False)

    @classmethod
    def at(cls, domain: str) -> Person:
        """A new one with this email domain."""
        # Every kind of character that a connection's password policy can ask for.
        return cls(f"smoke-{secrets.token_hex(8)}@{domain}", f"Aa1!{secrets.token_urlsafe(24)}")


@dataclass(frozen=True, slots=True)
class LoginOutcome:
    """How a login ended: with tokens, or with an error.

    Attributes:
        error: Auth0's code, such as `mfa_required`; empty if there are tokens.
        description: Auth0's text for it.
        refresh_token: if there is one.
    """

    error: str = ""
    description: str = ""
    refresh_token: str | None = field(default=None, repr=False)


class People:
    """The throw-away accounts of one run; leaving the `with` block deletes them.

    Attributes:
        left_over: emails of accounts that could not be deleted.
    """

    def __init__(self, connection: Connection, application: Application) -> None:
        """No request is sent yet."""
        self.left_over: list[str] = []
        self._domain = connection.domain
        self._application = application
        self._signed_up: list[Person] = []
        self._database = Database(connection.domain, application.client_id, timeout=_SECONDS_FOR_AN_ANSWER)
        self._tokens = GetToken(
            connection.domain, application.client_id, application.client_secret, timeout=_SECONDS_FOR_AN_ANSWER
        )
        self._management = connection.client()

    def check_scopes(self) -> None:
        """Check that accounts can be read and deleted, before any is created.

        Raises:
            OperationsError: names the scope that is missing.
        """
        absent = "auth0|smoke-of-nobody"
        with self._errors("looking for an account", READ), suppress(NotFoundError):
            self._management.users.get(absent, request_options=_OPTIONS)
        with self._errors("deleting an account that is not there", DELETE), suppress(NotFoundError):
            self._management.users.delete(absent, request_options=_OPTIONS)

    def sign_up(self, person: Person) -> str:
        """Sign up; the error, or an empty text."""
        # Even if no answer comes, there may be an account.
        self._signed_up.append(person)
        try:
            self._answered(lambda: self._database.signup(person.email, person.password, self._application.connection))
        except Auth0Error as error:
            return f"{error.status_code} {error.error_code}: {error.message}"
        return ""

    def log_in(self, person: Person) -> LoginOutcome:
        """Log in with the password."""
        return self._login(
            lambda: self._tokens.login(person.email, person.password, scope=_SCOPES, realm=self._application.connection)
        )

    def refresh(self, token: str) -> LoginOutcome:
        """Exchange a refresh token."""
        return self._login(lambda: self._tokens.refresh_token(token))

    def profile(self, person: Person) -> dict[str, Any]:
        """`user_metadata` and `app_metadata` of an account; empty if there is none."""
        with self._errors("looking at an account", READ):
            users = self._management.users.list_users_by_email(email=person.email, request_options=_OPTIONS)
        if not users:
            return {"user_metadata": {}, "app_metadata": {}}
        return {"user_metadata": users[0].user_metadata or {}, "app_metadata": users[0].app_metadata or {}}

    def clear_mfa_flag(self, person: Person) -> None:
        """Take auth_require_mfa from an account, so that only its email domain can require MFA."""
        with self._errors("changing the metadata of an account", UPDATE):
            for user in self._management.users.list_users_by_email(email=person.email, request_options=_OPTIONS):
                self._management.users.update(
                    str(user.user_id), app_metadata={"auth_require_mfa": False}, request_options=_OPTIONS
                )

    def __enter__(self) -> Self:
        """Nothing is signed up yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Delete every account that may exist; one that can't be deleted does not stop the rest."""
        for person in self._signed_up:
            try:
                self._delete(person)
            except OperationsError:
                self.left_over.append(person.email)

    def _delete(self, person: Person) -> None:
        with self._errors("deleting an account", DELETE):
            for user in self._management.users.list_users_by_email(email=person.email, request_options=_OPTIONS):
                self._management.users.delete(str(user.user_id), request_options=_OPTIONS)

    def _login(self, call: Callable[[], dict[str, Any]]) -> LoginOutcome:
        try:
            tokens = self._answered(call)
        except Auth0Error as error:
            return LoginOutcome(error.error_code, error.message)
        return LoginOutcome(refresh_token=tokens.get("refresh_token"))

    def _answered(self, call: Callable[[], T]) -> T:
        """The answer of the Authentication API; a rate limit is waited for."""
        for _ in range(_MOST_RATE_LIMITS):
            try:
                return call()
            except RateLimitError as limited:
                time.sleep(min(max(limited.reset_at - time.time(), 0.5), 60.0))
            except requests.RequestException as error:
                raise OperationsError(
                    f"{self._domain} gives no answer: {error}",
                    fix="check AUTH0_DOMAIN, REQUESTS_CA_BUNDLE and the network",
                ) from error
        raise OperationsError(
            f"{self._domain}: the rate limit of the Authentication API is used up",
            fix="wait a minute, then run this again",
        )

    def _errors(self, what: str, scope: str) -> AbstractContextManager[None]:
        return explained_errors(self._domain, what, scope)
