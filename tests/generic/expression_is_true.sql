{#- Rows for which `expression` is false or null. The config `where` limits the rows that are
    tested. -#}
{% test expression_is_true(model, expression, affected=none, by=none) %}

select *
from {{ rows_to_test(model, affected, by) }}
where not coalesce({{ expression }}, false)

{% endtest %}
