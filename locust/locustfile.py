"""The article's load: a crowd that lists, views, orders and looks at its order, in steps of users."""

from os import environ
from random import choice, randrange
from typing import Any

from locust import HttpUser, LoadTestShape, SequentialTaskSet, constant, task

PAGE = 20
# The seed holds 1,000 products.
PAGES = 50


class Journey(SequentialTaskSet):
    """One request an endpoint, each made from the answer before; a failure begins again."""

    product: int
    order: int

    @task
    def list_products(self) -> None:
        path = f"/products?limit={PAGE}&offset={randrange(PAGES) * PAGE}"
        page = self.answer(self.client.get(path, name="list-products"))
        self.product = choice(page["items"])["id"]

    @task
    def view_product(self) -> None:
        path = f"/products/{self.product}"
        self.answer(self.client.get(path, name="view-product"))

    @task
    def place_order(self) -> None:
        body = {"productId": self.product, "quantity": 1}
        order = self.answer(self.client.post("/orders", json=body, name="place-order"))
        self.order = order["id"]

    @task
    def view_order(self) -> None:
        self.answer(self.client.get(f"/orders/{self.order}", name="view-order"))

    def answer(self, response: Any) -> Any:
        # Locust has counted the failure. What follows needs the answer; the think time is kept.
        if response.status_code not in (200, 201):
            self.interrupt(reschedule=False)
        return response.json()


class Shopper(HttpUser):
    tasks = [Journey]
    wait_time = constant(0.5)


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
        # A step's users come at once, and a constant pause keeps them nearly in step.
        return (self.users[step], max(self.users)) if step < len(self.users) else None
