"""The article's load: a crowd that lists, views, orders and looks at its order, in steps of users."""

from functools import cache
from itertools import count
from os import environ
from pathlib import Path
from random import choice, randint
from time import time
from typing import Any
from uuid import uuid4

import jwt
from locust import HttpUser, LoadTestShape, SequentialTaskSet, between, task

# Of the seed.
USERS = 10_000
# s. Longer than any test.
LIFE_S = 7 * 24 * 3_600


def _secret() -> str:
    path = environ.get("TOKEN_SECRET_FILE")
    secret = Path(path).read_text().strip() if path else environ.get("TOKEN_SECRET")
    if not secret:
        raise SystemExit(
            "TOKEN_SECRET is not set: give the secret by which the service knows the tokens of its users,"
            " in this variable or in a file that TOKEN_SECRET_FILE names."
        )
    return secret


SECRET = _secret()
# No two orders have the same number, whichever process placed them.
NUMBERS = (f"{uuid4().hex[:16]}-{n}" for n in count(1))


@cache
def authorization(user: int) -> str:
    claims = {"sub": str(user), "exp": int(time()) + LIFE_S}
    return f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"


def on_sale(entries: list[dict[str, Any]]) -> int:
    return choice([entry["id"] for entry in entries if entry["onSale"]])


class Journey(SequentialTaskSet):
    """One request an endpoint, each made from the answer before; a failure begins again."""

    headers: dict[str, str]
    product: int
    item: int
    number: str

    @task
    def list_products(self) -> None:
        self.headers = {"Authorization": authorization(randint(1, USERS))}
        body = self.answer(self.client.get("/products", name="list-products"))
        self.product = on_sale(body["products"])

    @task
    def view_product(self) -> None:
        path = f"/products/{self.product}"
        body = self.answer(self.client.get(path, name="view-product"))
        self.item = on_sale(body["items"])

    @task
    def place_order(self) -> None:
        self.number = next(NUMBERS)
        items = [{"id": self.item, "quantity": 1}]
        body = {"number": self.number, "productId": self.product, "items": items}
        self.answer(
            self.client.post("/orders", json=body, headers=self.headers, name="place-order")
        )

    @task
    def view_order(self) -> None:
        path = f"/orders/{self.number}"
        self.answer(self.client.get(path, headers=self.headers, name="view-order"))

    def answer(self, response: Any) -> Any:
        # Locust has counted the failure. What follows needs the answer; the think time is kept.
        if response.status_code not in (200, 201):
            self.interrupt(reschedule=False)
        return response.json()


class Shopper(HttpUser):
    tasks = [Journey]
    # s. As the runner's: drawn for each pause, or users who were answered together would send together.
    wait_time = between(*(float(s) for s in environ.get("THINK", "0.25,0.75").split(",")))


class Ramp(LoadTestShape):
    """Holds RAMP's numbers of users for STEP_S seconds each; the article's by default."""

    # --run-time is the shape's to heed: Locust joins it before it looks at the clock.
    use_common_options = True
    users = [int(step) for step in environ.get("RAMP", "40,50,60,70").split(",")]
    step_s = float(environ.get("STEP_S", "300"))

    def tick(self) -> tuple[int, float] | None:
        limit_s = self.runner.environment.parsed_options.run_time
        if limit_s and self.get_run_time() >= limit_s:
            return None
        step = int(self.get_run_time() / self.step_s)
        # A step's users come at once.
        return (self.users[step], max(self.users)) if step < len(self.users) else None
