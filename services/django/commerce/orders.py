from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from commerce.input import new_order, path_id
from commerce.models import Order
from commerce.placing import place, place_once
from commerce.problems import Problem


@require_POST
def place_order(request: HttpRequest) -> JsonResponse:
    new = new_order(request)
    order = place(new) if new.key is None else place_once(new)
    headers = {"Location": f"/orders/{order.id}"}
    return JsonResponse(order.as_json(), status=201, headers=headers)


@require_safe
def view_order(request: HttpRequest, id: str) -> JsonResponse:
    number = path_id(id)
    try:
        return JsonResponse(Order.objects.get(pk=number).as_json())
    except Order.DoesNotExist:
        raise Problem(404, "unknown-order", f"No order {number}.") from None
