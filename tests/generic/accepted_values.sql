{#- Values of a column that are not accepted. -#}
{% test accepted_values(model, column_name, values, quote=True, affected=none, by=none) %}

select
    {{ column_name }} as value_field,
    count(*) as n_records
from {{ rows_to_test(model, affected, by) }}
where {{ column_name }} not in (
    {%- for value in values %}
    {% if quote %}'{{ value }}'{% else %}{{ value }}{% endif %}{% if not loop.last %},{% endif %}
    {%- endfor %}
)
group by {{ column_name }}

{% endtest %}
