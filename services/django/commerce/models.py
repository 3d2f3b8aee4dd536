"""The tables of sql/schema.sql, which the kit creates."""

from django.db import models


def money(amount_minor: int, currency: str) -> dict[str, int | str]:
    """An amount in the currency's smallest unit."""
    return {"amountMinor": amount_minor, "currency": currency}


class Product(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.TextField()
    description = models.TextField()
    price_minor = models.IntegerField()
    currency = models.TextField()
    stock = models.IntegerField()
    sold = models.IntegerField(default=0)

    class Meta:
        managed = False
        db_table = "products"

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "price": money(self.price_minor, self.currency),
            "stock": self.stock,
            "sold": self.sold,
        }


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, models.DO_NOTHING)
    quantity = models.IntegerField()
    unit_price_minor = models.IntegerField()
    currency = models.TextField()
    idempotency_key = models.TextField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        managed = False
        db_table = "orders"

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "productId": self.product_id,
            "quantity": self.quantity,
            "unitPrice": money(self.unit_price_minor, self.currency),
            "total": money(self.unit_price_minor * self.quantity, self.currency),
            "createdAt": self.created_at,
        }
