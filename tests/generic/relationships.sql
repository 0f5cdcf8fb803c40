{#- Rows whose value is not among those of `field` of the relation `to`. -#}
{% test relationships(model, column_name, to, field, affected=none, by=none) %}

with child as (
    select {{ column_name }} as from_field
    from {{ rows_to_test(model, affected, by) }}
    where {{ column_name }} is not null
),

parent as (
    select {{ field }} as to_field
    from {{ to }}
)

select from_field
from child
left join parent
    on child.from_field = parent.to_field
where parent.to_field is null

{% endtest %}
