from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from commerce.input import path_id, query_integer
from commerce.models import Product
from commerce.problems import Problem


@require_safe
def list_products(request: HttpRequest) -> JsonResponse:
    limit = query_integer(request, "limit", absent=20, least=1, most=100)
    offset = query_integer(request, "offset", absent=0, least=0, most=1_000_000)
    # One row more than asked for tells whether there is a next page.
    page = list(Product.objects.order_by("id")[offset : offset + limit + 1])
    return JsonResponse(
        {
            "items": [product.as_json() for product in page[:limit]],
            "limit": limit,
            "offset": offset,
            "nextOffset": offset + limit if len(page) > limit else None,
        }
    )


@require_safe
def view_product(request: HttpRequest, id: str) -> JsonResponse:
    number = path_id(id)
    try:
        return JsonResponse(Product.objects.get(pk=number).as_json())
    except Product.DoesNotExist:
        raise Problem(404, "unknown-product", f"No product {number}.") from None
