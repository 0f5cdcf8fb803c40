{#- Rows for which `expression` is false or null. `where` narrows the rows that are looked at. -#}
{% test expression_is_true(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
